"""The chat protocol and the sockets it travels on."""
