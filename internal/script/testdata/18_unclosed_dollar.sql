SELECT $$;$$; DO $body$ BEGIN; $$; $bod$
