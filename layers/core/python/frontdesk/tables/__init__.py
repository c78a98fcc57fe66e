"""Everything stored in the DynamoDB table, a module per entity.

Keys, partition and sort:

    ORG#<org>                       ORG                 the organisation
    ORG#<org>                       HIDDEN              versions of documents that must not answer
    ORG#<org>                       SECRET#identity     what signs visitors' identities
    ORG#<org>#TEAM                  USER#<user>         a member of the team
                                    INVITE#<id>         an invitation that is open
                                    LEFT#<id>           somebody who left: see `departures`
                                    OWNERS              how many owners and members there are
    ORG#<org>#USER#<user>           FAMILY#<family>     a login, and the tokens that refresh it
    ORG#<org>#BILLING               CUSTOMER            its customer at Stripe
                                    SUBSCRIPTION#<id>   a subscription, as last read at Stripe
                                    GRANT               a plan that the operator gave
                                    USAGE#<month>#<shard>   answers of a month
                                    WARNED#<month>#<plan>#<level>   a warning that was sent
                                    STORED              how many documents and bytes there are
    ORG#<org>#KEYS                  KEY#<key id>        a widget or team key
    ORG#<org>#AUDIT                 AUDIT#<id>          who did what
    ORG#<org>#STATS#<shard>         HOUR#.., DAY#..     counters: see `counters`
                                    CITED#<day>#<document>, ASKED#<day>#<group>
    ORG#<org>#VISITOR#<hash>        VISITOR             a visitor's conversation
    ORG#<org>#CUSTOMER#<hash>       CONV#<conversation> conversations of a known address or identity
    ORG#<org>#CONV#<conversation>   CONV                the conversation
                                    CID#<client id>     a client id that was seen, and its message
                                    AID#<client id>     the same of a reply or note of the team's
                                    CONN#<connection>   a socket of the customer's
                                    CONN-TEAM#<connection>  a socket of the team's that listens
                                    MSG#<message>       a message
                                    READ#<member>       how far somebody of the team has read
                                    FILE#<file>         a file, and the message it went with
                                    TICKET              the team's work on it
                                    REPLAY#<run>#<message>  an answer's question, asked again
    ORG#<org>#WORDS#<letter>        <word>#<message>    a message that has a word
    ORG#<org>#AGENTS                SOCKET#<connection> a socket of the team's
    ORG#<org>#FILES                 <day>#<conversation>    where to look then for files left behind
    ORG#<org>#REPLIES               REPLY#<reply>       a canned reply
    ORG#<org>#QUESTIONS             GROUP#<group>       questions that mean the same
                                    ASKED#<message>     one question, and the group it is in
    ORG#<org>#ANSWERS               ANSWER#<hash>       an answer to give again: see `answer_cache`
    ORG#<org>#CHECKS                CHECK#<check>       a question kept, and what is expected
                                    COUNT               how many there are
                                    DUE                 the run that a change of documents asked for
    ORG#<org>#RUNS                  CHECKS#<run>        a run of the checks
                                    REPLAY#<run>        a replay of past questions
    ORG#<org>#RUN#<run>             BATCH#<n>           questions of a run that are asked together
                                    RESULT#<check>      what came of a check, or (RESULT#<message>)
                                                        of a past question, without its words
    ORG#<org>#DOCS                  DOC#<document>      a document
    ORG#<org>#DOC#<document>        P#<version>#<n>     a passage
    ORG#<org>#INGESTIONS            SLOT#<n>            a version that is being ingested
    KEY#<hash>                      KEY                 whose key this is
    EMAIL#<hash>                    EMAIL               whose address this is
    TOKEN#<hash>                    TOKEN               a token for one use: connect, verify, reset…
    SOCKET#<connection>             SOCKET              whose a socket is
    CUSTOMER#<id>                   CUSTOMER            whose a customer at Stripe is
    EVENT#<source>#<id>             EVENT               a webhook event, and what it came to
    MAILING#<hash>                  MAILING             a mail to a person: being sent, or sent
    SUPPRESSED#<hash>               SUPPRESSED          an address that gets no more mail
    LIMIT#<name>#<subject>          WINDOW#<n>#<shard>  a rate counter

So an organisation's data can only be reached by naming the organisation. The last nine are looked
up by a secret, or by an id that the caller cannot choose, and yield the organisation, or count.

The lists people look at are indexes, sorted by `gsi1sk`, the id of what happened last, and gsi4 by
`gsi4sk`, the id of the message since which a customer waits:

    gsi1    ORG#<org>#CONVERSATIONS, ORG#<org>#TICKETS, ORG#<org>#GAPS, ORGANIZATIONS, and
            ORG#<org>#VISITS: conversations in which nothing has been said yet
    gsi2    ORG#<org>#CONVERSATIONS#<status>, ORG#<org>#TICKETS#<status>
    gsi3    ORG#<org>#CONVERSATIONS#OF#<assignee>, ORG#<org>#TICKETS#OF#<assignee>, and
            ORG#<org>#READ#<member>: what somebody of the team has read
    gsi4    ORG#<org>#CONVERSATIONS#WAIT: those with people in which the customer waits
    gsi5    ORG#<org>#CONVERSATIONS#<priority>: what is not resolved, unless of medium priority
"""
