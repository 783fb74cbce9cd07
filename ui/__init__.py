"""The web face: Streamlit pages and the routes beside them, on one port."""
