-- One text for SQLite and PostgreSQL. Tokens: {id} a key that the database
-- counts up, {int} 64 bits, {blob} bytes, {strict} SQLite's strict tables.
-- Instants are microseconds since 1970, UTC. Truth is 0 or 1. A column that
-- holds personal data is {blob}: it goes through the sealed type.
-- A statement ends at a semicolon that ends its line.

create table setting (
  name  text primary key,
  value text not null
) {strict};

-- Ids that are given before the row is written, in blocks.
create table counter (
  name text primary key,
  next {int} not null
) {strict};

-- Messages as they came, kept before anything looks at them.
create table raw (
  id      {int} primary key,
  sha256  text not null,
  size    {int} not null,
  bytes   {blob} not null,
  kept_at {int} not null
) {strict};

-- Where each message was found, and what became of it. A moved message was
-- decided first; a parked one waits for staff.
create table location (
  folder      text not null,
  uidvalidity {int} not null,
  uid         {int} not null,
  raw         {int} not null references raw (id),
  state       text not null default 'kept' check (state in ('kept', 'parked', 'decided', 'moved')),
  moved_to    text not null default '',
  attempts    {int} not null default 0,
  why         text not null default '',
  primary key (folder, uidvalidity, uid),
  check ((state = 'moved') = (moved_to <> '')),
  check (state <> 'parked' or why <> '')
) {strict};
create index location_raw on location (raw);
create index location_kept on location (raw) where state = 'kept';
create index location_decided on location (folder, uidvalidity) where state = 'decided';

-- Every event that was decided, with its outcome. The sender stands only where
-- it was proved.
create table handled (
  event      text primary key,
  raw        {int} references raw (id),
  at         {int} not null,
  sender     text not null default '',
  message_id text not null default '',
  digest     text not null default '',
  folder     text not null default '',
  result     {blob} not null
) {strict};
create index handled_message on handled (sender, message_id) where sender <> '';
create index handled_digest on handled (sender, digest) where sender <> '';

-- The register.
create table mailbox (
  id      {id},
  address text not null unique,
  ods     text not null,
  name    text not null,
  sector  text not null check (sector in ('pharmacy', 'optometry', 'dentistry', 'social-care', 'midwifery')),
  region  text not null,
  dspt    text not null check (dspt in ('standards-met', 'standards-exceeded', 'approaching-standards', 'standards-not-met', 'not-published')),
  status  text not null check (status in ('active', 'closed')),
  alias   text not null,
  version {int} not null default 1
) {strict};
-- A closed mailbox's code stays in use: contract, rule 13.
create unique index mailbox_ods on mailbox (ods) where ods <> '';
create index mailbox_alias on mailbox (alias) where alias <> '';

create table account (
  id                {id},
  address           text not null unique,
  stem              text not null, -- the local part at nhs.net without its number: namesakes share it
  name              {blob} not null,
  mobile            {blob} not null,
  mobile_index      text not null,
  alternative       {blob} not null,
  alternative_index text not null,
  status            text not null check (status in ('pending', 'active', 'inactive', 'disabled', 'leaver', 'deleted')),
  since             text not null,
  version           {int} not null default 1
) {strict};
-- One mobile, one person. A deleted account may keep a mobile that another
-- took over: contract, rules 4 and 9.
create unique index account_live_mobile on account (mobile_index) where status <> 'deleted' and mobile_index <> '';
create index account_mobile on account (mobile_index) where mobile_index <> '';
create index account_alternative on account (alternative_index) where alternative_index <> '';
create index account_stem on account (stem) where stem <> '';

create table membership (
  id      {id},
  mailbox text not null references mailbox (address) on update cascade,
  account text not null references account (address),
  role    text not null check (role in ('owner', 'member')),
  unique (mailbox, account)
) {strict};
create index membership_account on membership (account);

create table approval (
  id          {id},
  mailbox     text not null references mailbox (address) on update cascade,
  max         {int} not null check (max > 0),
  approved_by text not null,
  approved_on text not null,
  unique (mailbox, max, approved_by, approved_on)
) {strict};

-- A party's version moves with whatever concerns it: its requests, those that
-- wait for it, its messages.
create table party (
  address text primary key,
  version {int} not null
) {strict};

create table request (
  id         {int} primary key,
  reference  text not null check (reference <> ''),
  n          {int} not null,
  kind       text not null,
  asked      text not null,
  party      text not null,
  mailbox    text not null,
  subject    {blob} not null,
  message    text not null,
  state      text not null check (state in ('asking', 'confirming', 'seeking', 'referred', 'dated', 'doing', 'done', 'refused', 'withdrawn', 'lapsed')),
  outcome    text not null check (outcome in ('accepted', 'confirm', 'needs-info', 'refused', 'awaiting', 'exception', 'quarantined', 'ignored')),
  reasons    text not null,
  answers    {blob} not null,
  prose      {int} not null check (prose in (0, 1)),
  effective  text not null,
  seeks      text not null check (seeks in ('', 'regional-approval', 'mailbox-consent')),
  awaits     text not null,
  actions    {blob} not null,
  thread     text not null,
  made_at    {int} not null,
  decided_at {int} not null,
  asks_at    {int} not null,
  reminded   {int} not null check (reminded in (0, 1)),
  granted    text not null,
  event      text not null,
  version    {int} not null,
  -- The lifecycle: who is waited for, and what each state may print.
  check (state not in ('asking', 'confirming', 'seeking') or awaits <> ''),
  check (state <> 'seeking' or seeks <> ''),
  check (state <> 'dated' or effective <> ''),
  check (state <> 'asking' or outcome = 'needs-info'),
  check (state <> 'confirming' or outcome = 'confirm'),
  check (state <> 'seeking' or outcome = 'awaiting'),
  check (state not in ('dated', 'doing', 'done') or outcome = 'accepted'),
  check (state <> 'refused' or outcome = 'refused'),
  -- A request that was accepted is referred when its work is sent back.
  check (state <> 'referred' or outcome in ('exception', 'quarantined', 'accepted'))
) {strict};
create index request_party on request (party, id);
create index request_awaits on request (awaits) where state in ('asking', 'confirming', 'seeking');
create index request_reference on request (reference);

create table thread (
  message_id text not null,
  request    {int} not null references request (id),
  primary key (message_id, request)
) {strict};

-- Mail to send. A mail waits for as many actions as waits says, each of them
-- named in mail_after.
create table mail (
  id           {id},
  key          text not null unique,
  event        text not null,
  requests     text not null,
  recipient    text not null,
  about        text not null,
  subject      {blob} not null,
  in_reply_to  text not null,
  refs         text not null,
  text         {blob} not null,
  html         {blob} not null,
  digest       text not null,
  made_at      {int} not null,
  due_at       {int} not null,
  at           {int} not null,
  waits        {int} not null check (waits >= 0),
  state        text not null default 'ready' check (state in ('ready', 'running', 'sent', 'unconfirmed', 'failed', 'cancelled')),
  attempts     {int} not null default 0,
  locked_until {int} not null default 0,
  ended_at     {int} not null default 0,
  message_id   text not null default '',
  code         text not null default '',
  check ((state = 'running') = (locked_until > 0)),
  check ((state in ('ready', 'running')) = (ended_at = 0)),
  check (state in ('ready', 'cancelled') or waits = 0)
) {strict};
create index mail_ready on mail (at) where state = 'ready' and waits = 0;
create index mail_running on mail (locked_until) where state = 'running';
create index mail_recipient on mail (recipient, ended_at) where state in ('sent', 'unconfirmed');
create index mail_sent on mail (ended_at) where state in ('sent', 'unconfirmed');

create table mail_after (
  action text not null,
  mail   text not null references mail (key),
  primary key (action, mail)
) {strict};

-- Account work. Pending work is begun and looked at again when it is due.
create table work (
  id           {id},
  key          text not null unique,
  request      {int} not null references request (id),
  action       {blob} not null,
  due_at       {int} not null,
  at           {int} not null,
  state        text not null default 'ready' check (state in ('ready', 'running', 'pending', 'done', 'failed', 'cancelled')),
  begun        {int} not null default 0 check (begun in (0, 1)),
  attempts     {int} not null default 0,
  locked_until {int} not null default 0,
  ended_at     {int} not null default 0,
  account      text not null default '',
  detail       {blob} not null,
  check ((state = 'running') = (locked_until > 0)),
  check ((state in ('ready', 'running', 'pending')) = (ended_at = 0)),
  check (state <> 'ready' or begun = 0),
  check (state <> 'pending' or begun = 1)
) {strict};
create index work_waiting on work (at) where state in ('ready', 'pending');
create index work_running on work (locked_until) where state = 'running';
create index work_request on work (request);

create table due (
  id           {id},
  key          text not null unique,
  request      {int} not null references request (id),
  what         text not null check (what in ('remind', 'lapse', 'effective')),
  due_at       {int} not null,
  at           {int} not null,
  state        text not null default 'ready' check (state in ('ready', 'running', 'done', 'cancelled')),
  attempts     {int} not null default 0,
  locked_until {int} not null default 0,
  check ((state = 'running') = (locked_until > 0))
) {strict};
create index due_ready on due (at) where state = 'ready';
create index due_running on due (locked_until) where state = 'running';
create index due_request on due (request) where state in ('ready', 'running');

-- The journal is only added to. Its rows are chained by the seal that takes
-- them; who is concerned stands in it as a salted digest.
create table journal (
  id      {id},
  at      {int} not null,
  event   text not null,
  request {int} not null,
  what    text not null,
  subject text not null,
  detail  text not null,
  seal    {int}
) {strict};
create index journal_open on journal (id) where seal is null;
create index journal_seal on journal (seal, id);
create index journal_request on journal (request) where request > 0;

create table seal (
  n       {int} primary key,
  entries {int} not null,
  hash    text not null,
  at      {int} not null
) {strict};
