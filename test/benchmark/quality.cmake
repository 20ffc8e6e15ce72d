# Run by scripts/search_docs.py, and on a small spec by lit.
add_executable(SearchQuality EXCLUDE_FROM_ALL SearchQuality.cpp)
target_link_libraries(SearchQuality PRIVATE catc_options CatStudy CatFrontend)
target_compile_definitions(SearchQuality PRIVATE CATC_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
add_dependencies(benchmarks SearchQuality)
