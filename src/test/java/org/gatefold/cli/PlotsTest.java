package org.gatefold.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.XYChartBuilder;

class PlotsTest {
    @TempDir
    Path folder;

    @Test
    void drawsAPng() throws IOException {
        Path file = folder.resolve("chart.png");
        Plots.draw(file, () -> {
            var chart = new XYChartBuilder().width(40).height(30).build();
            chart.addSeries("line", new double[] {1, 2}, new double[] {3, 4});
            return chart;
        });
        assertThat(file).isNotEmptyFile();
    }

    @Test
    void aJavaThatCannotDrawLosesThePictureOnly() throws IOException {
        Path file = folder.resolve("chart.png");
        Plots.draw(file, () -> {
            throw new UnsatisfiedLinkError("libharfbuzz.so.0: cannot open shared object file");
        });
        assertThat(file).doesNotExist();
    }
}
