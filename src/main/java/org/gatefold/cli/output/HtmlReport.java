package org.gatefold.cli.output;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.gatefold.train.report.EpochReport;

/**
 * A run on one page that needs no other file, readable in light and dark: scores beside baselines, pictures, epochs and settings. It is
 * XHTML, so that it can be read by any parser of XML. One thread.
 */
public final class HtmlReport {
    private static final String TEMPLATE = "report.html";

    private final String title;
    private final StringBuilder body = new StringBuilder(1 << 16);

    public HtmlReport(String title) {
        this.title = title;
        body.append("<h1>").append(escaped(title)).append("</h1>\n");
    }

    public HtmlReport paragraph(String kind, String text) {
        body.append("<p class=\"")
                .append(kind)
                .append("\">")
                .append(escaped(text))
                .append("</p>\n");
        return this;
    }

    public HtmlReport heading(String text) {
        body.append("<h2>").append(escaped(text)).append("</h2>\n");
        return this;
    }

    /**
     * A table.
     *
     * @param rows those that begin with {@code "model"} are marked
     */
    public HtmlReport table(List<String> header, List<List<String>> rows) {
        body.append("<div class=\"wide\"><table>\n");
        row("th", "", header);
        rows.forEach(row -> row("td", row.get(0).equals("model") ? " class=\"model\"" : "", row));
        body.append("</table></div>\n");
        return this;
    }

    private void row(String cell, String attribute, List<String> fields) {
        body.append("<tr").append(attribute).append('>');
        for (String field : fields) {
            body.append('<').append(cell).append('>').append(escaped(field));
            body.append("</").append(cell).append('>');
        }
        body.append("</tr>\n");
    }

    /** Pictures by title, as PNG. */
    public HtmlReport pictures(Map<String, byte[]> pictures) {
        pictures.forEach((name, png) -> body.append("<figure><img alt=\"")
                .append(escaped(name))
                .append("\" src=\"data:image/png;base64,")
                .append(Base64.getEncoder().encodeToString(png))
                .append("\" /></figure>\n"));
        return this;
    }

    /** The epochs, folded up. */
    public HtmlReport epochs(List<EpochReport> history) {
        List<String> header = new ArrayList<>(List.of("epoch", "loss"));
        boolean validated = history.stream().anyMatch(report -> report.validationLoss() != null);
        List<String> metrics = List.copyOf(history.get(0).metrics().keySet());
        if (validated) {
            header.add("validation loss");
        }
        header.addAll(metrics);
        header.addAll(List.of("learning rate", "seconds"));
        List<List<String>> rows = new ArrayList<>();
        for (EpochReport report : history) {
            List<String> row = new ArrayList<>();
            row.add(Integer.toString(report.epoch() + 1));
            row.add(Numbers.shown(report.trainingLoss()));
            if (validated) {
                row.add(report.validationLoss() == null ? "" : Numbers.shown(report.validationLoss()));
            }
            metrics.forEach(name -> row.add(Numbers.shown(report.metrics().get(name))));
            row.add(Float.toString(report.learningRate()));
            row.add(Numbers.shown(report.duration().toMillis() / 1000.0));
            rows.add(row);
        }
        body.append("<details><summary>").append(rows.size()).append(" epochs</summary>\n");
        table(header, rows);
        body.append("</details>\n");
        return this;
    }

    /** What a score tells beside its figures: single values in one table, lists of objects in tables of their own. */
    HtmlReport more(JsonObject more) {
        Map<String, String> single = new LinkedHashMap<>();
        for (Map.Entry<String, JsonElement> entry : more.entrySet()) {
            if (entry.getValue().isJsonPrimitive()) {
                single.put(words(entry.getKey()), text(entry.getValue()));
            } else if (entry.getValue() instanceof JsonArray list && isTable(list)) {
                heading(titled(entry.getKey()));
                List<String> header = List.copyOf(list.get(0).getAsJsonObject().keySet());
                table(
                        header.stream().map(HtmlReport::words).toList(),
                        StreamSupport.stream(list.spliterator(), false)
                                .map(row -> header.stream()
                                        .map(name -> text(row.getAsJsonObject().get(name)))
                                        .toList())
                                .toList());
            }
        }
        if (!single.isEmpty()) {
            heading("Further figures");
            settings(single);
        }
        return this;
    }

    private static boolean isTable(JsonArray list) {
        return !list.isEmpty()
                && StreamSupport.stream(list.spliterator(), false)
                        .allMatch(row -> row instanceof JsonObject fields
                                && fields.keySet()
                                        .equals(list.get(0).getAsJsonObject().keySet()));
    }

    private static String text(JsonElement value) {
        if (value instanceof JsonPrimitive single && single.isNumber()) {
            return single.getAsString().matches("-?\\d+") ? single.getAsString() : Numbers.shown(single.getAsDouble());
        }
        return value.isJsonPrimitive() ? value.getAsString() : value.toString();
    }

    /** {@code "logLoss"} as {@code "log loss"}. */
    private static String words(String name) {
        return name.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }

    private static String titled(String name) {
        String words = words(name);
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }

    /** Names and values. */
    public HtmlReport settings(Map<String, String> values) {
        return table(
                List.of("", ""),
                values.entrySet().stream()
                        .map(entry -> List.of(entry.getKey(), entry.getValue()))
                        .toList());
    }

    /** The page. */
    public String page() {
        try (InputStream template = HtmlReport.class.getResourceAsStream(TEMPLATE)) {
            String[] parts = new String(template.readAllBytes(), StandardCharsets.UTF_8).split("\\$\\{(title|body)}");
            return parts[0] + escaped(title) + parts[1] + body + parts[2];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Text as it stands in XML; characters that XML cannot hold become U+FFFD. */
    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                default -> escaped.appendCodePoint(isXml(c) ? c : 0xFFFD);
            }
        });
        return escaped.toString();
    }

    private static boolean isXml(int c) {
        return (c >= 0x20 && c < 0xD800)
                || (c >= 0xE000 && c < 0xFFFE)
                || c > 0xFFFF
                || c == '\t'
                || c == '\n'
                || c == '\r';
    }
}
