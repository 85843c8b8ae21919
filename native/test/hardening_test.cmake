# Fails unless a shared library has what makes a memory error hard to use: a stack protector, addresses of functions
# that are read-only once it is loaded, and no executable stack.
#
#   cmake -DREADELF=readelf -DLIBRARY=target/native/libgatefold.so -P native/test/hardening_test.cmake
execute_process(
  COMMAND "${READELF}" --wide --dynamic --program-headers --dyn-syms "${LIBRARY}"
  OUTPUT_VARIABLE elf
  RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "'${READELF}' cannot read ${LIBRARY}: ${status}")
endif()

set(missing "")
function(require name expression)
  if(NOT elf MATCHES "${expression}")
    set(missing "${missing} ${name};" PARENT_SCOPE)
  endif()
endfunction()
require("stack protector (-fstack-protector-strong)" "UND __stack_chk_fail")
require("read-only relocations (-z relro)" "GNU_RELRO")
require("binding at load (-z now)" "BIND_NOW|FLAGS_1[^\n]*NOW")
require("stack that is not executable (-z noexecstack)" "GNU_STACK[^\n]* RW ")
if(missing)
  message(FATAL_ERROR "${LIBRARY} lacks:${missing}")
endif()
