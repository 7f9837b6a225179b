"""How an account is doing: when its bank delivers, what came, and one diagnosis when nothing does. No Django."""
