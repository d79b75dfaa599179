import Alignment
