# Writes the files below IN as a C table to OUT: run as `cmake -D IN=… -D OUT=… -P cmake/embed.cmake`. "dot-" at the beginning
# of a name stands for ".", which other programs that walk through the repository would take for their own.
file(GLOB_RECURSE files LIST_DIRECTORIES false RELATIVE "${IN}" "${IN}/*")
list(SORT files)

set(texts "")
set(rows "")
set(number 0)
foreach(file ${files})
    file(READ "${IN}/${file}" bytes HEX)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
    string(REGEX REPLACE "(^|/)dot-" "\\1." path "${file}")
    string(APPEND texts "static const unsigned char text_${number}[] = {${bytes}0};\n")
    string(APPEND rows "    { \"${path}\", (const char *)text_${number}, sizeof(text_${number}) - 1 },\n")
    math(EXPR number "${number} + 1")
endforeach()

file(WRITE "${OUT}" "#include \"project/templates.h\"\n\n${texts}\n"
    "const wr_template wr_templates[] = {\n${rows}    { 0 },\n};\n")
