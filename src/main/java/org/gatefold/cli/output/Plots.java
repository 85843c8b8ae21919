package org.gatefold.cli.output;

import java.awt.AWTError;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.gatefold.file.AtomicFile;
import org.gatefold.recipe.field.picture.Curve;
import org.gatefold.recipe.field.picture.Grid;
import org.gatefold.recipe.field.picture.Lines;
import org.gatefold.recipe.field.picture.Picture;
import org.gatefold.recipe.field.picture.Spectrogram;
import org.gatefold.recipe.field.picture.Tiles;
import org.gatefold.train.report.EpochReport;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Draws curves and grids as PNG files, without a screen. A picture that cannot be drawn or written, as on servers without font
 * libraries or on a full disk, costs a warning that names its file: what was computed is worth more. Stateless.
 */
public final class Plots {
    private static final int WIDTH = 1200;
    private static final int HEIGHT = 600;
    private static final Color TRUTH = new Color(0x40, 0x40, 0x40);
    private static final Color MODEL = new Color(0xd6, 0x27, 0x28);
    private static final Color BAND = new Color(0xd6, 0x27, 0x28, 0x33);
    private static final Color OTHER = new Color(0x1f, 0x77, 0xb4);

    private static final Color[] COURSES = {MODEL, TRUTH, OTHER, new Color(0x2c, 0xa0, 0x2c)};

    private static final Logger LOG = LoggerFactory.getLogger(Plots.class);

    private Plots() {}

    /** The loss of every epoch, and that of the rows held back where there are any. */
    public static Optional<byte[]> training(Path file, List<EpochReport> history) {
        List<Double> epochs = new ArrayList<>();
        List<Double> losses = new ArrayList<>();
        List<Double> held = new ArrayList<>();
        for (EpochReport report : history) {
            epochs.add(report.epoch() + 1.0);
            losses.add(report.trainingLoss());
            if (report.validationLoss() != null) {
                held.add(report.validationLoss());
            }
        }
        return draw(file, () -> {
            XYChart chart = chart("Training", "epoch", "loss");
            line(chart, "training", epochs, losses, MODEL);
            if (held.size() == epochs.size()) {
                line(chart, "validation", epochs, held, OTHER);
            }
            return chart;
        });
    }

    /** What a target has to show. */
    public static Optional<byte[]> picture(Path file, Picture picture) {
        if (picture instanceof Spectrogram spectrogram) {
            return drawImage(file, () -> SpectrogramPlot.of(spectrogram));
        }
        if (picture instanceof Tiles tiles) {
            return drawImage(file, () -> TilesPlot.of(tiles));
        }
        return draw(file, () -> {
            if (picture instanceof Grid grid) {
                return shades(grid);
            }
            return picture instanceof Lines lines ? lines(lines) : curve((Curve) picture);
        });
    }

    /** Answers over what came. */
    private static XYChart curve(Curve curve) {
        XYChart chart = chart(curve.title(), curve.axis(), curve.name());
        chart.getStyler().setDatePattern("yyyy-MM");
        if (curve.band() != null) {
            band(chart, curve.places(), curve.band());
        }
        line(chart, "data", curve.places(), curve.truth(), TRUTH);
        line(chart, curve.file(), curve.places(), curve.answers(), MODEL);
        return chart;
    }

    /** Courses beside each other, that of the model in its colour. */
    private static XYChart lines(Lines lines) {
        XYChart chart = chart(lines.title(), lines.axis(), lines.name());
        chart.getStyler().setDatePattern("yyyy-MM").setLegendPosition(LegendPosition.InsideNW);
        int drawn = 0;
        for (Map.Entry<String, List<Double>> each : lines.values().entrySet()) {
            line(chart, each.getKey(), lines.places(), each.getValue(), COURSES[drawn++ % COURSES.length]);
        }
        return chart;
    }

    /** An area between two lines: along the upper one, and back along the lower one. */
    private static void band(XYChart chart, List<?> places, Curve.Band band) {
        List<Object> around = new ArrayList<>(places);
        Collections.reverse(around);
        around.addAll(0, places);
        List<Double> ends = new ArrayList<>(band.low());
        Collections.reverse(ends);
        ends.addAll(0, band.high());
        XYSeries area = chart.addSeries(band.name(), around, ends);
        area.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.PolygonArea);
        area.setFillColor(BAND);
        area.setLineStyle(SeriesLines.NONE);
        area.setLineColor(BAND);
        area.setMarker(SeriesMarkers.NONE);
    }

    /** The first row of the grid above, as the chart counts from below. */
    private static HeatMapChart shades(Grid grid) {
        HeatMapChart chart = new HeatMapChartBuilder()
                .width(size(grid.columns()))
                .height(size(grid.rows()))
                .title(grid.title())
                .xAxisTitle(grid.across())
                .yAxisTitle(grid.down())
                .build();
        chart.getStyler()
                .setRangeColors(new Color[] {Color.WHITE, OTHER})
                .setShowValue(grid.counts())
                .setHeatMapValueDecimalPattern("0")
                .setLegendVisible(false)
                .setPlotContentSize(1)
                .setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setXAxisLabelRotation(grid.columns().size() > 12 ? 90 : 0);
        List<Number[]> places = new ArrayList<>();
        int last = grid.rows().size() - 1;
        for (int row = 0; row <= last; row++) {
            for (int column = 0; column < grid.columns().size(); column++) {
                places.add(new Number[] {column, last - row, grid.values()[row][column]});
            }
        }
        List<String> upwards = new ArrayList<>(grid.rows());
        Collections.reverse(upwards);
        chart.addSeries(grid.title(), distinct(grid.columns()), distinct(upwards), places);
        return chart;
    }

    private static int size(List<String> names) {
        return Math.min(WIDTH, 300 + 60 * names.size());
    }

    /**
     * The chart takes equal names for one place: later ones are made different by characters that are not seen. It leaves as much room as the
     * longest name takes, which therefore is never a blank one.
     */
    private static List<String> distinct(List<String> names) {
        Map<String, Integer> seen = new HashMap<>();
        return names.stream()
                .map(name -> name
                        + "\u200b".repeat(seen.merge(name, 1, Integer::sum) - 1 + (name.isBlank() ? 0 : names.size())))
                .toList();
    }

    private static XYChart chart(String title, String x, String y) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(x)
                .yAxisTitle(y)
                .build();
        chart.getStyler()
                .setLegendPosition(LegendPosition.InsideNE)
                .setChartBackgroundColor(Color.WHITE)
                .setPlotBorderVisible(false);
        return chart;
    }

    private static void line(XYChart chart, String name, List<?> x, List<Double> y, Color colour) {
        XYSeries series = chart.addSeries(name, x, y);
        series.setMarker(y.size() == 1 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
        series.setLineStyle(SeriesLines.SOLID);
        series.setLineColor(colour);
        series.setMarkerColor(colour);
        series.setLineWidth(1.5f);
    }

    /** Draws the chart into the file, or warns that there is no picture and why; the picture, if it is drawn. */
    static Optional<byte[]> draw(Path file, Supplier<? extends Chart<?, ?>> chart) {
        return drawImage(file, () -> BitmapEncoder.getBufferedImage(chart.get()));
    }

    private static Optional<byte[]> drawImage(Path file, Supplier<BufferedImage> image) {
        try {
            byte[] picture = png(image.get());
            AtomicFile.write(file, out -> out.write(picture));
            return Optional.of(picture);
        } catch (LinkageError | AWTError e) {
            LOG.warn("{} is not drawn: this Java cannot draw here ({})", file, e.getMessage());
        } catch (IOException | RuntimeException e) {
            LOG.warn("{} is not drawn: {}", file, Complaint.of(e));
        }
        return Optional.empty();
    }

    /** Encodes in memory: by default, Java's encoders keep a file in the temporary folder, which may be full or read-only. */
    private static byte[] png(BufferedImage image) throws IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(png)) {
            writer.setOutput(out);
            writer.write(image);
        } finally {
            writer.dispose();
        }
        return png.toByteArray();
    }
}
