-- What staff see and do.

-- The queue of a request follows its state; it stands here so that one index
-- serves each order of each queue.
alter table request add column assignee text not null default '';
alter table request add column snoozed text not null default '';
alter table request add column bounced {int} not null default 0;
alter table request add column rule text not null default '';
alter table request add column queue text not null default '' check (queue in ('', 'exceptions', 'others', 'pharmacy'));
update request set queue = case when state = 'referred' then 'exceptions' when state = 'seeking' then 'others' else 'pharmacy' end
  where state in ('asking', 'confirming', 'seeking', 'referred');
create index request_queue on request (queue, decided_at, id, snoozed) where queue <> '';
create index request_queue_kind on request (queue, kind, decided_at, id) where queue <> '';
create index request_queue_mailbox on request (queue, mailbox, decided_at, id) where queue <> '';
create index request_queue_assignee on request (queue, assignee, decided_at, id) where queue <> '';
create index request_snoozed on request (decided_at, id) where snoozed <> '' and state = 'referred';
create index request_bounced on request (bounced, id) where bounced > 0;
create index request_assignee on request (assignee, made_at, id) where assignee <> '';
create index request_made on request (made_at, id);
create index request_dated on request (mailbox) where state = 'dated';

-- Why requests stand in a queue, to filter it by.
create table reason (
  queue   text not null,
  reason  text not null,
  kind    text not null,
  since   {int} not null,
  request {int} not null references request (id),
  primary key (queue, reason, since, request)
) {strict};
create index reason_kind on reason (queue, reason, kind, since, request);
create index reason_request on reason (request);

-- Messages whose sender is not proved, until staff release or condemn them.
create table quarantine (
  raw          {int} primary key references raw (id),
  event        text not null,
  at           {int} not null,
  sender       {blob} not null,
  sender_index text not null,
  subject      {blob} not null,
  reasons      text not null,
  state        text not null default 'waiting' check (state in ('waiting', 'released', 'condemned')),
  ended_at     {int} not null default 0,
  check ((state = 'waiting') = (ended_at = 0))
) {strict};
create index quarantine_waiting on quarantine (at, raw) where state = 'waiting';
create index quarantine_sender on quarantine (sender_index, at, raw) where state = 'waiting';
insert into quarantine (raw, event, at, sender, sender_index, subject, reasons)
  select raw, min(event), min(at), cast('' as {blob}), '', cast('' as {blob}), '' from handled where folder = 'quarantined' and raw is not null group by raw;

-- What staff wrote for one another.
create table note (
  id      {id},
  request {int} not null references request (id),
  at      {int} not null,
  by_name text not null,
  text    {blob} not null
) {strict};
create index note_request on note (request, id);

-- Acts of staff that wait: for their time, or for a second person.
create table click (
  id           {id},
  act          {blob} not null,
  name         text not null,
  by_name      text not null,
  second       text not null,
  request      {int} not null,
  message      {int} not null,
  state        text not null check (state in ('proposed', 'ready', 'running', 'done', 'undone', 'hindered')),
  made_at      {int} not null,
  at           {int} not null,
  why          text not null default '',
  attempts     {int} not null default 0,
  locked_until {int} not null default 0,
  check ((state = 'running') = (locked_until > 0)),
  check ((state = 'hindered') = (why <> ''))
) {strict};
create index click_ready on click (at) where state = 'ready';
create index click_running on click (locked_until) where state = 'running';
create index click_proposed on click (made_at, id) where state = 'proposed';
create index click_request on click (request, id) where request > 0;
create index click_message on click (message, id) where message > 0;

create table staff (
  name         text primary key,
  display      {blob} not null,
  role         text not null check (role in ('agent', 'lead', 'auditor')),
  hash         {blob} not null,
  failed       {int} not null default 0,
  locked_until {int} not null default 0,
  disabled     {int} not null default 0 check (disabled in (0, 1)),
  signed_in_at {int} not null default 0
) {strict};

create table session (
  token   text primary key,
  staff   text not null references staff (name),
  made_at {int} not null,
  seen_at {int} not null,
  ends_at {int} not null
) {strict};
create index session_staff on session (staff);

-- What is folded out of events once they are decided: what requests are looked
-- for by, and the figures. An event is folded once; told is what a request has
-- given so far, so that a change gives and takes the difference.
alter table handled add column folded {int};
create index handled_open on handled (at) where folded is null;

-- A word that leads to a request, or (as a negative number) to a kept message.
create table search (
  token   text not null,
  request {int} not null,
  primary key (token, request)
) {strict};

create table told (
  request {int} primary key references request (id),
  tokens  text not null,
  figures text not null
) {strict};

-- A day is YYYY-MM-DD; a month, which saves adding up its days, mYYYY-MM.
create table tally (
  what text not null,
  day  text not null,
  kind text not null,
  word text not null,
  n    {int} not null,
  primary key (what, day, kind, word)
) {strict};

-- The register as staff look at it: what ails a mailbox, and the words that lead
-- to mailboxes and accounts, as of the row's version that was looked at last.
alter table mailbox add column looked {int} not null default 0;
alter table mailbox add column owners {int} not null default 0;
alter table mailbox add column accounts {int} not null default 0;
alter table mailbox add column most {int} not null default 0;
alter table mailbox add column ails text not null default '';
alter table account add column looked {int} not null default 0;
create index mailbox_changed on mailbox (id) where looked <> version;
create index account_changed on account (id) where looked <> version;
create table mailbox_word (
  word    text not null,
  mailbox {int} not null references mailbox (id),
  primary key (word, mailbox)
) {strict};
create index mailbox_word_mailbox on mailbox_word (mailbox);
create table account_word (
  word    text not null,
  account {int} not null references account (id),
  primary key (word, account)
) {strict};
create index account_word_account on account_word (account);

-- A dossier looks up an event's mails, and a person's lines once they are sealed.
create index mail_event on mail (event);
create index journal_subject on journal (subject, id) where seal is not null and subject <> '';
create index due_ahead on due (at, id) where what = 'effective' and state in ('ready', 'running');
