-- Undoes 20261121010000_extensions_and_helpers.sql.
-- The extensions stay: they may have been there before, and other tables of the project may use them.

drop function public.backend_health();
drop function private.backend_health();
drop function private.is_amount(numeric);
drop function private.is_timezone(text);
drop function private.raise_error(text, text);
drop function private.set_updated_at();
drop table private.error_codes;
drop schema private;
