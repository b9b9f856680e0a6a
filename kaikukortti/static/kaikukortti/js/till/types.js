/* What the till's modules hand to one another, in words for the type checker. No code.

   Texts in three languages are `Said`; days are "2026-11-24" in Finland; instants are RFC 3339 in UTC. */

/** @typedef {{fi: string, sv: string, en: string}} Said */

/**
 * Where the app stands: `new` this browser is no till; `wiped` it was one and the browser has cleared its storage;
 * `locked` it is a till and waits for its PIN; `open` at work; `stopped` the register has stopped it (`stopped` says
 * why; once unlocked its queue can be handed over); `other-tab` another tab of this browser is the till;
 * `cannot` the browser lacks what a till needs.
 * @typedef {"new"|"wiped"|"locked"|"open"|"stopped"|"other-tab"|"cannot"} Stage
 */

/**
 * Why the register stopped the device; `not-accepted`: it does not know the device's token (any more).
 * @typedef {"revoked"|"copied"|"pin"|"ended"|"not-accepted"} Stop
 */

/**
 * What is known of the device without its PIN.
 * @typedef {object} DeviceFace
 * @property {string} id
 * @property {string} label
 * @property {"till"|"gate"} kind
 * @property {Said} workplace
 * @property {string|null} expiresAt instant at which a gate pass ends
 * @property {boolean} onlineOnly opens only with a network
 * @property {boolean} passkey a passkey opens it too
 */

/**
 * Everything the screen shows of the app itself; a new object at each change.
 * @typedef {object} TillState
 * @property {Stage} stage
 * @property {DeviceFace|null} device
 * @property {"online"|"offline"|"trying"} network `trying`: no answer yet, or the first try after being offline
 * @property {string|null} onlineAt instant of the register's last answer
 * @property {Stop|null} stopped
 * @property {boolean} unlocked the keys are in memory (also while stopped: then the queue can be read)
 * @property {boolean} speaks the register has given its share: the device can speak for itself
 * @property {string|null} keptUntil no auto-lock until then
 * @property {number|null} locksAt when it locks by itself (this device's clock, milliseconds)
 * @property {boolean} storageFull nothing more can be stored: nothing is recorded
 * @property {boolean|null} storageKept whether the browser promised to keep the storage; null: it does not say
 * @property {number} clockOff how many seconds the device's clock is ahead (+) or behind (−); 0 within two minutes
 * @property {ListFace|null} list
 * @property {QueueFace} queue
 * @property {News[]} news newest last
 * @property {{offering: string|null, day: string}|null} place what `choose` chose
 * @property {boolean} newVersion a newer version of the app waits for the next lock or opening
 */

/**
 * @typedef {object} ListFace
 * @property {string} asOf instant
 * @property {string} usableUntil instant
 * @property {boolean} tooOld past `usableUntil`: nothing is called valid from it
 * @property {number} cards
 */

/**
 * @typedef {object} QueueFace
 * @property {number} waiting rows and reversals that the register has not answered yet
 * @property {string|null} since instant of the oldest of them
 * @property {number} aside rows that the register cannot take; a person looks at them
 * @property {boolean} sending
 */

/**
 * What happened to rows afterwards, told calmly: `flagged` stored with a note (a cap passed by two gates, a card
 * blocked meanwhile), `aside` not taken, `conflict`, `not-undone` a reversal came too late.
 * @typedef {object} News
 * @property {string} id of the row
 * @property {"flagged"|"aside"|"conflict"|"not-undone"} kind
 * @property {string|null} refusal
 * @property {Said|null} message
 * @property {string} at instant at which the row was recorded
 * @property {string|null} offering
 * @property {string} day
 */

/**
 * An offering of the day sheet, read-only.
 * @typedef {object} OfferingFace
 * @property {string} id
 * @property {Said} name
 * @property {"event"|"open"|"course"} kind
 * @property {string} first_day
 * @property {string} last_day
 * @property {string|null} starts_at
 * @property {number} [weekdays] bit 0 is Monday
 * @property {boolean} [cancelled]
 * @property {number|null} [cap_left]
 * @property {number|null} [children_left]
 * @property {Object<string, number|null>} [region_by_day]
 * @property {Object<string, boolean>} [open_by_day]
 * @property {"ticket"|"course"|"season"} [usual_kind]
 * @property {boolean} [community_welcome]
 * @property {string|Said|null} [place]
 */

/**
 * The day sheet as the register sent it.
 * @typedef {object} Sheet
 * @property {string} etag
 * @property {Said} workplace
 * @property {string} as_of
 * @property {string} today
 * @property {Array<{day: string, region: number|null, venue_open: boolean}>} days
 * @property {OfferingFace[]} offerings
 * @property {Object<string, any>} policies
 * @property {"admit"|"ask"} unlisted
 * @property {any[]} series
 * @property {string|null} gate_offering
 * @property {string|null} ends_at
 */

/**
 * A checked card that may be recorded. Change its numbers before `record`; the id stays, so a double press is one row.
 * @typedef {object} Held
 * @property {string} id
 * @property {string} code as read; stays in memory only
 * @property {string|null} offering
 * @property {string} day
 * @property {"ticket"|"course"|"season"} kind
 * @property {number|null} holder null: 1, or 0 on a community card; 0: only others are added
 * @property {number} children
 * @property {number} assistants
 * @property {number} clients
 * @property {number} workers
 * @property {string|null} until last day of a season pass
 */

/**
 * One verdict, from the register or from this device.
 * @typedef {object} Verdict
 * @property {"valid"|"valid-as-of"|"already"|"pending"|"stop"|"typo"|"not-on-list"|"cannot-check-offline"|"list-too-old"|"no-list"|"identity-unknown"} state
 *   `valid` only online; `no-list`: offline before the first list came
 * @property {boolean} online
 * @property {string|null} refusal value of the refusal
 * @property {Said|null} message the register's words; null offline: the screen says it from `state`, `refusal`, `day`
 * @property {string|null} day the day that the refusal speaks of
 * @property {string|null} time when the ticket was given (`already`)
 * @property {number} childPlaces
 * @property {boolean} assistant
 * @property {boolean} community
 * @property {number|null} placesLeft
 * @property {string|null} listAsOf the list that was asked, offline
 * @property {"yes"|"ask"|"no"} admit `yes`: record; `ask`: a person decides; `no`: stopped. Offline a person may still
 *   record what happened: `record` takes it in every state but a typo
 * @property {Held|null} held
 */

/**
 * What became of a record. `where: "device"`: safe on this device, not answered by the register yet.
 * @typedef {object} Outcome
 * @property {string} id
 * @property {"register"|"device"} where
 * @property {"recorded"|"flagged"|"pending"|"already-recorded"|"refused"|"conflict"|"aside"|"keep"} status
 * @property {string|null} refusal
 * @property {Said|null} message
 * @property {string|null} day
 * @property {string|null} time
 */

/**
 * One of tonight's records as the device remembers it until 04:00: no code.
 * @typedef {object} Echo
 * @property {string} id
 * @property {string} at instant
 * @property {string|null} offering
 * @property {string} day
 * @property {string} kind
 * @property {number|null} holder
 * @property {number} children
 * @property {number} assistants
 * @property {number} clients
 * @property {number} workers
 * @property {string} status "device" until the register has answered, then its answer; "undone", "moved", "aside"
 * @property {string|null} refusal
 * @property {Said|null} message
 */

/**
 * @typedef {object} Passkey
 * @property {string} name what the platform shows beside the passkey (the device's label)
 */

export {};
