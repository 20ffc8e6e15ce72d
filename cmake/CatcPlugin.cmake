# add_catc_pass_plugin(NAME SOURCES...): a plugin that cat-opt loads with --load-pass-plugin.
#
# A plugin takes the dialects from the cat-opt that loads it and links none of catc's libraries: a second copy of a dialect
# would have type ids of its own, and no cast to one of its ops would succeed.
function(add_catc_pass_plugin name)
  add_library(${name} MODULE ${ARGN})
  target_include_directories(${name} SYSTEM PRIVATE ${CATC_INCLUDE_DIR})
  target_compile_features(${name} PRIVATE cxx_std_17)
  target_compile_options(${name} PRIVATE -ffp-contract=off)
  target_link_libraries(${name} PRIVATE catc::catc_mlir)
  set_target_properties(${name} PROPERTIES PREFIX "")
endfunction()
