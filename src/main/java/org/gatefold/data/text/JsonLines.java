package org.gatefold.data.text;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.Numerals;
import org.gatefold.data.table.TextColumn;
import org.gatefold.data.table.TextTable;
import org.gatefold.file.TextReader;

/**
 * JSON objects, one a line, as a table. Its columns are the fields of the first line that hold a text, a number, or true or false, as they
 * are written; others, and further fields of later lines, are passed over. Empty lines are no rows. A column of which a row has no value
 * can be read of no row; the complaint names the first such line.
 *
 * <p>Immutable and thread-safe.
 */
public final class JsonLines extends TextTable {
    private final Map<String, Values> columns;
    private final List<Integer> lines;

    /** A column. */
    private static final class Values {
        private final TextColumn texts = new TextColumn();
        /** The first row without a value; below 0 if all have one. */
        private int absent = -1;

        void add(String text) {
            if (text == null && absent < 0) {
                absent = texts.rows();
            }
            texts.add(text == null ? "" : text);
        }
    }

    private JsonLines(String source, Map<String, Values> columns, List<Integer> lines) {
        super(source);
        this.columns = columns;
        this.lines = lines;
    }

    /** True if a file's name says that it holds JSON lines, packed by gzip or not. */
    public static boolean isName(String file) {
        return file.matches("(?si).*\\.(jsonl|ndjson)(\\.gz)?");
    }

    /**
     * Reads a stream, plain or packed by gzip, and closes it.
     *
     * @param source the name for messages
     * @param charset null for UTF-8 or UTF-16
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException naming the line that is no JSON object; or if there is none, or the file is too long or no text
     */
    public static JsonLines read(String source, InputStream stream, Charset charset) throws IOException {
        Map<String, Values> columns = null;
        List<Integer> lines = new ArrayList<>();
        try (BufferedReader reader = new BufferedReader(TextReader.of(source, stream, charset, 0))) {
            int number = 0;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                if (line.isBlank()) {
                    continue;
                }
                Map<String, String> fields = fields(source, number, line);
                if (columns == null) {
                    columns = new LinkedHashMap<>();
                    for (String name : fields.keySet()) {
                        columns.put(name, new Values());
                    }
                }
                columns.forEach((name, values) -> values.add(fields.get(name)));
                lines.add(number);
            }
        }
        if (columns == null) {
            throw new IllegalArgumentException(source + ": expected a JSON object a line, found none");
        }
        return new JsonLines(source, columns, List.copyOf(lines));
    }

    /** The fields of a line that hold one value. */
    private static Map<String, String> fields(String source, int number, String line) throws IOException {
        Map<String, String> fields = new LinkedHashMap<>();
        try (JsonReader json = new JsonReader(new StringReader(line))) {
            json.beginObject();
            while (json.hasNext()) {
                String name = json.nextName();
                JsonToken kind = json.peek();
                if (kind == JsonToken.STRING || kind == JsonToken.NUMBER) {
                    fields.put(name, json.nextString());
                } else if (kind == JsonToken.BOOLEAN) {
                    fields.put(name, Boolean.toString(json.nextBoolean()));
                } else {
                    json.skipValue();
                }
            }
            json.endObject();
            if (json.peek() != JsonToken.END_DOCUMENT) {
                throw new IllegalStateException("text behind the object");
            }
            return fields;
        } catch (IOException | IllegalStateException e) {
            throw new IllegalArgumentException(
                    source + ", line " + number + ": expected one JSON object, got '" + Numerals.abridged(line) + "'",
                    e);
        }
    }

    @Override
    public List<String> names() {
        return List.copyOf(columns.keySet());
    }

    @Override
    public int rows() {
        return lines.size();
    }

    @Override
    protected List<String> column(String name) {
        Values values = columns.get(name);
        if (values.absent >= 0) {
            throw new IllegalArgumentException(
                    where(values.absent, name) + ": expected a text, a number, or true or false," + " got none");
        }
        return new CsvTable.Text(values.texts);
    }

    @Override
    protected String where(int row) {
        return source() + ", line " + lines.get(row);
    }
}
