-- Undoes 20261121130000_search_words.sql. The extension stays, because other tables may use it.

drop function groundwork.snippet;
drop function groundwork.find_words;
drop function groundwork.without_phrases;
drop index public.idx_content_assets_user_id_words;
drop index public.idx_stories_user_id_words;
drop index public.idx_tasks_user_id_words;
drop index public.idx_personas_user_id_words;
drop index public.idx_personal_memories_user_id_words;
drop index public.idx_thoughts_user_id_words;
drop function groundwork.words_of;
drop type public.search_kind;
