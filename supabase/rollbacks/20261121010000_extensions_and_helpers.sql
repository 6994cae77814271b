-- Undoes 20261121010000_extensions_and_helpers.sql.
-- The extensions stay: they may have been there before, and other tables of the project may use them.

drop function public.backend_health();
drop function groundwork.backend_health();
drop function groundwork.is_amount(numeric);
drop function groundwork.is_timezone(text);
drop function groundwork.raise_error(text, text);
drop function groundwork.set_updated_at();
drop table groundwork.error_codes;
drop schema groundwork;
