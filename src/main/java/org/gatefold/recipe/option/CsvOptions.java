package org.gatefold.recipe.option;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.List;
import org.gatefold.data.table.CsvFormat;

/** The options of recipes whose files are CSV: what is found in a file by itself, unless it is said. Stateless. */
public final class CsvOptions {
    /** Also for texts that are no CSV. */
    public static final Option<String> CHARSET = Option.text(
                    "charset", "NAME", "Character set, such as windows-1252; UTF-8 or UTF-16 where it is not said.")
            .expecting("a character set that Java knows", CsvOptions::isCharset);

    private static final Option<String> DELIMITER = Option.text(
                    "delimiter", "CHAR", "What stands between fields, or tab; found where it is not said.")
            .expecting("one character that is no quote, or tab", CsvOptions::isDelimiter);
    private static final Option<String> DECIMAL = Option.text(
                    "decimal", "CHAR", "What stands before decimals, . or ,; found where it is not said.")
            .expecting(". or ,", text -> text.equals(".") || text.equals(","));
    private static final Option<Boolean> NO_HEADER =
            Option.flag("no-header", "The first line is a row too; columns are called 1, 2 and so on.");

    public static final List<Option<?>> ALL = List.of(DELIMITER, DECIMAL, CHARSET, NO_HEADER);

    private CsvOptions() {}

    private static boolean isCharset(String name) {
        try {
            return Charset.forName(name) != null;
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return false;
        }
    }

    private static boolean isDelimiter(String text) {
        return text.equals("tab") || (text.length() == 1 && "\"\n\r\0".indexOf(text.charAt(0)) < 0);
    }

    /** How a file is read. */
    public static CsvFormat format(Options options) {
        CsvFormat format = CsvFormat.detect();
        if (options.get(NO_HEADER)) {
            format = format.header(false);
        }
        if (options.find(DELIMITER).isPresent()) {
            format = format.separator(
                    options.get(DELIMITER).equals("tab")
                            ? '\t'
                            : options.get(DELIMITER).charAt(0));
        }
        if (options.find(DECIMAL).isPresent()) {
            format = format.decimal(options.get(DECIMAL).charAt(0));
        }
        Charset charset = charset(options);
        return charset == null ? format : format.charset(charset);
    }

    /** The character set that was said; null for none. */
    public static Charset charset(Options options) {
        return options.find(CHARSET).map(Charset::forName).orElse(null);
    }
}
