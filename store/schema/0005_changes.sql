-- What happened to a person or a mailbox, and who looked at them, each found by
-- itself: looks are many, and must not stand before the changes.
drop index journal_subject;
create index journal_change on journal (subject, id) where seal is not null and subject <> '' and what <> 'viewed';
create index journal_look on journal (subject, id) where seal is not null and subject <> '' and what = 'viewed';
