package org.gatefold.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    private static List<String> lines(Table table) {
        StringWriter text = new StringWriter();
        table.print(new PrintWriter(text, true));
        return text.toString().lines().toList();
    }

    @Test
    void alignsItsColumns() {
        assertThat(lines(new Table("name", "rmse", "").row("a", "1.25", "best").row("longer", "10.5", "")))
                .containsExactly("  name    rmse", "  a       1.25  best", "  longer  10.5");
    }

    @Test
    void breaksALongLastColumnAtBlanks() {
        String reason =
                "missing: " + "libraries that nobody has installed; ".repeat(7).trim();
        List<String> lines = lines(new Table("device", "description").row("cuda:0", reason));
        assertThat(lines).hasSizeBetween(3, 6).allSatisfy(line -> assertThat(line.length())
                .isLessThanOrEqualTo(110));
        assertThat(lines.get(1)).startsWith("  cuda:0  missing: libraries");
        assertThat(lines.get(2)).startsWith(" ".repeat(10)).doesNotStartWith(" ".repeat(11));
        assertThat(String.join(" ", lines.subList(1, lines.size())).replaceAll(" +", " "))
                .isEqualTo(" cuda:0 " + reason);
    }

    @Test
    void leavesWordsWholeThatAreLongerThanALine() {
        String path = "/" + "folder/".repeat(30);
        assertThat(lines(new Table("device", "description").row("cuda:0", "missing: " + path)))
                .contains(" ".repeat(10) + path);
    }
}
