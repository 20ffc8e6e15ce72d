add_catc_benchmark(BenchCost BenchCost.cpp LINK CatCost)
# The machines and operators of the cost tests.
target_include_directories(BenchCost PRIVATE ${PROJECT_SOURCE_DIR}/test/unit)
