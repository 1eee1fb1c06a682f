"""The law of this room: agencies, inquiries, requests, controls, and our copies of other rooms' facts. Pure."""
