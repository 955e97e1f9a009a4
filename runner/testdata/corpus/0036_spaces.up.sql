ALTER	TABLEusers


  ADD   COLUMN	spaced text
	DEFAULT
 'x'

 -- the end

