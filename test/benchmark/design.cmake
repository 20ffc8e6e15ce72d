add_catc_benchmark(BenchDesign BenchDesign.cpp LINK CatStudy CatFrontend)
target_compile_definitions(BenchDesign PRIVATE CATC_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
