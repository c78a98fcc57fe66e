"""Everything stored in the DynamoDB table, a module per entity.

Keys, partition and sort:

    ORG#<org>                       ORG                 the organisation
    ORG#<org>                       HIDDEN              versions of documents that must not answer
    ORG#<org>#DAY#<date>            SHARD#<n>           the day's counters, in shards
    ORG#<org>#VISITOR#<hash>        VISITOR             a visitor's conversation
    ORG#<org>#CONV#<conversation>   CONV                the conversation
                                    CID#<client id>     a client id that was seen, and its message
                                    CONN#<connection>   a socket that listens
                                    MSG#<message>       a message
    ORG#<org>#LIMIT#<what>          WINDOW#<n>          a rate counter
    ORG#<org>#DOCS                  DOC#<document>      a document
    ORG#<org>#DOC#<document>        P#<version>#<n>     a passage
    KEY#<hash>                      KEY                 whose key this is
    TOKEN#<hash>                    TOKEN               a connect token
    SOCKET#<connection>             SOCKET              which conversation a socket belongs to
    EVENT#<source>#<id>             EVENT               a webhook event that was received

So an organisation's data can only be reached by naming the organisation. The last four are looked
up by a secret, or by an id that the caller cannot choose, and yield the organisation.
"""
