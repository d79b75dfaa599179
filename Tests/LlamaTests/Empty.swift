import Llama
