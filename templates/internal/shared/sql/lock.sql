{{- /* Locks the rows of a batch, in order, so that nobody changes them before the
next statement has computed from them. */ -}}
{{define "lock batch"}}SELECT {{.KeyList}}
  FROM {{.As}}
 WHERE {{.InBatch ""}}
 ORDER BY {{.KeyList}}
   FOR NO KEY UPDATE;{{end}}
