--- `apivideo` with all of it loaded, for programs that cannot read its files
-- later, or would not wait for them then; see `later`. Drivers aside: those
-- come with the clients that use them.

require "apivideo.epoch"
require "apivideo.log"
require "apivideo.pages"
require "apivideo.parallel"
require "apivideo.session"
require "apivideo.task"
require "apivideo.upload"

return require "apivideo"
