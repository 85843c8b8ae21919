package org.gatefold.benchmarks.runner.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.gatefold.benchmarks.runner.measure.Comparison;
import org.gatefold.benchmarks.runner.measure.Measurement;

/** Draws one panel of bars per comparison, the length being the median time: shorter is better. For one thread. */
public final class BarChart {
    private static final int COLUMNS = 3;
    private static final int PANEL_WIDTH = 530;
    private static final int LABEL_WIDTH = 190;
    private static final int VALUE_WIDTH = 90;
    private static final int BAR_HEIGHT = 20;
    private static final int TITLE_HEIGHT = 30;
    private static final int MARGIN = 24;

    /** Bars longer than this many times the shortest are cut, so that the others can be compared. */
    private static final double LONGEST = 6;

    private static final Color[] COLORS = {
        new Color(0x1f6f8b),
        new Color(0xe07a5f),
        new Color(0xb5533c),
        new Color(0x81a684),
        new Color(0x567d5b),
        new Color(0xc9a227),
        new Color(0x8d6a9f),
        new Color(0x6c757d),
        new Color(0x3d405b),
        new Color(0x2a9d8f),
        new Color(0xf2a65a),
        new Color(0x9c6644),
        new Color(0xa3b1c6)
    };

    private final Map<String, Color> colors = new LinkedHashMap<>();

    private BarChart() {}

    public static void write(List<Comparison> comparisons, String caption, Path file) throws IOException {
        if (!comparisons.isEmpty()) {
            ImageIO.write(new BarChart().draw(comparisons, caption), "png", file.toFile());
        }
    }

    private BufferedImage draw(List<Comparison> comparisons, String caption) {
        List<Integer> tops = new ArrayList<>();
        int top = MARGIN + TITLE_HEIGHT;
        for (int first = 0; first < comparisons.size(); first += COLUMNS) {
            tops.add(top);
            int bars = 0;
            for (int i = first; i < Math.min(first + COLUMNS, comparisons.size()); i++) {
                bars = Math.max(bars, comparisons.get(i).measurements().size());
            }
            top += TITLE_HEIGHT + bars * BAR_HEIGHT + MARGIN;
        }
        int width = MARGIN + Math.min(COLUMNS, comparisons.size()) * (PANEL_WIDTH + MARGIN);
        BufferedImage image = new BufferedImage(width, top, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, width, top);
            graphics.setColor(Color.BLACK);
            graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
            graphics.drawString(caption, MARGIN, MARGIN + 10);
            for (int i = 0; i < comparisons.size(); i++) {
                panel(
                        graphics,
                        comparisons.get(i),
                        MARGIN + i % COLUMNS * (PANEL_WIDTH + MARGIN),
                        tops.get(i / COLUMNS));
            }
        } finally {
            graphics.dispose();
        }
        return image;
    }

    private void panel(Graphics2D graphics, Comparison comparison, int left, int top) {
        graphics.setColor(Color.BLACK);
        graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 14));
        graphics.drawString(comparison.heat().title() + ", ms", left, top + TITLE_HEIGHT - 10);
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
        double shortest = comparison.measurements().stream()
                .mapToDouble(Measurement::medianMillis)
                .min()
                .orElse(1);
        double longest = comparison.measurements().stream()
                .mapToDouble(Measurement::medianMillis)
                .max()
                .orElse(1);
        double scale = (PANEL_WIDTH - LABEL_WIDTH - VALUE_WIDTH) / Math.min(longest, LONGEST * shortest);
        int y = top + TITLE_HEIGHT;
        for (Measurement measurement : comparison.measurements()) {
            boolean cut = measurement.medianMillis() > LONGEST * shortest;
            int length = (int) Math.max(1, scale * Math.min(measurement.medianMillis(), LONGEST * shortest));
            graphics.setColor(Color.DARK_GRAY);
            graphics.drawString(measurement.contestant(), left, y + BAR_HEIGHT - 6);
            graphics.setColor(
                    colors.computeIfAbsent(measurement.contestant(), name -> COLORS[colors.size() % COLORS.length]));
            graphics.fillRect(left + LABEL_WIDTH, y + 2, length, BAR_HEIGHT - 4);
            graphics.setColor(Color.DARK_GRAY);
            graphics.drawString(
                    String.format(Locale.ROOT, cut ? "… %.3g" : "%.3g", measurement.medianMillis()),
                    left + LABEL_WIDTH + length + 6,
                    y + BAR_HEIGHT - 6);
            y += BAR_HEIGHT;
        }
    }
}
