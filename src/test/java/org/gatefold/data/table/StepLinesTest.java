package org.gatefold.data.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepLinesTest {
    private static Table read(int channels, String label, String... lines) throws IOException {
        byte[] text = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
        return new StepLines(channels, label).read("hands.csv", new ByteArrayInputStream(text));
    }

    @Test
    void readsStepsOfSeveralNumbersBehindAClass() throws IOException {
        Table table = read(2, null, "0,1,-2,3,4.5,5,6", "", "1, 7,8,9,10,11,12");
        assertThat(table.names()).containsExactly("1", "2", "label");
        assertThat(table.text("1")).containsExactly("1,3,5", "7,9,11");
        assertThat(table.text("2")).containsExactly("-2,4.5,6", "8,10,12");
        assertThat(table.text("label")).containsExactly("0", "1");
        assertThat(table.where(1, "1")).contains("line 3");
    }

    @Test
    void findsTheColumnOfClasses() throws IOException {
        Table named = read(2, null, "x1;y1;x2;y2;label", "1;2;3;4;up");
        assertThat(named.text("1")).containsExactly("1,3");
        assertThat(named.text("label")).containsExactly("up");
        assertThat(read(2, "what", "x1,y1,what,x2,y2", "1,2,up,3,4").text("2")).containsExactly("2,4");
        assertThat(read(1, "3", "1\t2\tup", "3\t4\tdown").text("label")).containsExactly("up", "down");
        assertThat(read(2, null, "1,2,3,4").names()).isEqualTo(List.of("1", "2"));
        assertThat(read(1, null, "up,2,3").text("label")).containsExactly("up");
    }

    @Test
    void whatDoesNotFitIsRefusedByItsLine() {
        refused("hands.csv, line 1: expected a class and steps of 3 numbers, got 5 fields", 3, null, "0,1,2,3,4");
        refused("hands.csv, line 2: expected 3 fields, as above, got 2", 2, null, "0,1,2", "0,1");
        refused("hands.csv, line 1: expected a column 'what' of classes, got 3 columns of others", 2, "what", "0,1,2");
        refused("hands.csv: expected a sequence a line, found none", 2, null, "");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StepLines(0, null))
                .withMessage("channels: expected at least 1, got 0");
    }

    private static void refused(String message, int channels, String label, String... lines) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(channels, label, lines))
                .withMessage(message);
    }
}
