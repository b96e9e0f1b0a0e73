"""What the commands print: tables, trees and reports."""
