add_catc_benchmark(BenchSearch BenchSearch.cpp ${PROJECT_SOURCE_DIR}/test/unit/Search/ToyProblem.cpp LINK CatSearch)
# The full-size problem of the search tests.
target_include_directories(BenchSearch PRIVATE ${PROJECT_SOURCE_DIR}/test/unit/Search)
