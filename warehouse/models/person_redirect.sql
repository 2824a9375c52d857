-- zh: 假名转指：早先公布的居民假名如今由谁代替（两人合并、假名密钥轮换）；分析者的队列因此可续
-- en: Redirects of person keys: what stands now for a key that was published before (persons merged, key rotated)
SELECT
  redirect.former_key, -- [3] 早先的居民假名 | the person's pseudonym in an earlier warehouse
  redirect.key_version, -- [1] 早先假名的密钥版本 | version of the key under which it was made
  redirect.person_key -- [3] 现居民假名 | the pseudonym that stands for it now
FROM redirect AS redirect
WHERE redirect.person_key IN (SELECT person.person_key FROM dim_person AS person)
