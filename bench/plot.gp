# The plot of bench/results.md. `data` is the file that report.lua writes.
set terminal svg size 960,800 font "sans-serif,12" noenhanced \
  background "white"
set output "bench/results.svg"
set title "how many times as fast: median and range of five pairs"
set logscale x
set xrange [0.4:200]
set xtics (0.5, 1, 2, 5, 10, 20, 50, 100)
set grid xtics lc rgb "#dddddd"
set yrange [*:*] reverse
set offsets 0, 0, 0.6, 0.6
set key below
set arrow from 1, graph 0 to 1, graph 1 nohead lc rgb "#888888"
plot data using 2:1:3:4:ytic(6) with xerrorbars pt 7 ps 0.7 \
       lc rgb "#1f5f99" title "measured", \
     data using ($5 > 0 ? $5 : NaN):1 with points pt 2 ps 1.1 lw 2 \
       lc rgb "#cc4422" title "to reach"
