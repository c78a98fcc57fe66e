"""The WebSocket's routes on a table of their own."""

from chat.agents import AgentGateway
from chat.gateway import Routes
from chat.jobs import TurnQueue
from chat.routes import Gateway
from frontdesk.realtime.listeners import Listeners
from frontdesk.realtime.sockets import Sockets
from frontdesk.realtime.team import Team
from frontdesk.tables.client import Table
from frontdesk.tables.connections import Connections
from frontdesk.tables.conversations import Conversations
from frontdesk.tables.limits import Limits
from frontdesk.tables.sessions import Sessions
from frontdesk.tables.tickets import Tickets
from frontdesk.tables.visitors import Visitors


def team_on(table: Table, sockets: Sockets) -> Team:
    return Team(
        connections=Connections(table),
        conversations=Conversations(table),
        tickets=Tickets(table),
        sockets=sockets,
    )


def routes_on(
    table: Table, turns: TurnQueue, sockets: Sockets, *, messages_per_minute: int = 100
) -> Routes:
    connections, conversations = Connections(table), Conversations(table)
    team = team_on(table, sockets)
    return Routes(
        connections,
        Gateway(
            conversations=conversations,
            visitors=Visitors(table),
            limits=Limits(table),
            team=team,
            turns=turns,
            listeners=Listeners(connections, sockets),
            messages_per_minute=messages_per_minute,
        ),
        AgentGateway(connections, conversations, Sessions(table), sockets, team),
    )
