"""The platform's services, each speaking its real contract."""
