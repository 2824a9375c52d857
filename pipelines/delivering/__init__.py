"""The guide for cities and their vendors, in Chinese and in English, made from the contract."""
