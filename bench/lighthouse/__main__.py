from bench.lighthouse import main

main()
