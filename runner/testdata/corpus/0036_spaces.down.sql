

	alter table only public.users drop column if exists spaced