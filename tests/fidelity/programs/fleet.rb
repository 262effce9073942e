# SPDX-License-Identifier: MIT
# fleet.rb EXTENSION: threads, fibers, objects, and a crash in the extension, which Ruby's handler
# reports on a stack of its own before it aborts.
require ARGV[0]

Harbour = Struct.new(:name, :ships)
HARBOURS = Array.new(200) { |i| Harbour.new("harbour #{i}", Array.new(i % 20) { |k| "ship #{k} of #{i}" }) }
HARBOURS.each_with_index do |harbour, i|
  harbour.ships.each_with_index { |ship, k| Fleet.add(ship, (i * 7919 + k * 104729) % 5000) }
end
waiting = Array.new(4) { |i| Thread.new { Thread.current.name = "tug #{i}"; Thread.stop } }
sleep 0.2 until waiting.all?(&:stop?)

def sail(depth, name)
  depth > 0 ? sail(depth - 1, name) + 1 : Fleet.sink(name)
end

Fiber.new do
  Fleet.each { |name, depth| sail(depth % 4 + 3, name) }
end.resume
