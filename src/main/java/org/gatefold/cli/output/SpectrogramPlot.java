package org.gatefold.cli.output;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.Locale;
import org.gatefold.recipe.field.picture.Spectrogram;

/** Draws a recording as shades, low bands below, with a line where each word begins and seconds along the bottom. Stateless. */
final class SpectrogramPlot {
    private static final int WIDTH = 1200;
    private static final int HEIGHT = 400;
    private static final int LEFT = 30;
    private static final int TOP = 60;
    private static final int BOTTOM = 40;
    private static final int LINE = 18;
    private static final int MOST_TICKS = 12;

    private static final Color SOUND = new Color(0x1f, 0x77, 0xb4);
    private static final Color WORD = new Color(0xd6, 0x27, 0x28);

    private final Spectrogram spectrogram;
    private final BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    private final Graphics2D graphics = image.createGraphics();

    private SpectrogramPlot(Spectrogram spectrogram) {
        this.spectrogram = spectrogram;
    }

    static BufferedImage of(Spectrogram spectrogram) {
        SpectrogramPlot plot = new SpectrogramPlot(spectrogram);
        try {
            plot.draw();
        } finally {
            plot.graphics.dispose();
        }
        return plot.image;
    }

    private void draw() {
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, LINE - 4));
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, WIDTH, HEIGHT);
        shades();
        seconds();
        words();
        graphics.setColor(Color.BLACK);
        graphics.drawString(spectrogram.title(), LEFT, LINE);
    }

    private int place(double step) {
        return LEFT + (int) Math.round(step * (WIDTH - 2 * LEFT) / spectrogram.bands().length);
    }

    private void shades() {
        float[][] bands = spectrogram.bands();
        float least = Float.POSITIVE_INFINITY;
        float most = Float.NEGATIVE_INFINITY;
        for (float[] step : bands) {
            for (float value : step) {
                least = Math.min(least, value);
                most = Math.max(most, value);
            }
        }
        int height = HEIGHT - TOP - BOTTOM;
        for (int x = LEFT; x < WIDTH - LEFT; x++) {
            float[] step = bands[(x - LEFT) * bands.length / (WIDTH - 2 * LEFT)];
            for (int y = 0; y < height; y++) {
                float value = step[(height - 1 - y) * step.length / height];
                image.setRGB(x, TOP + y, shade(most > least ? (value - least) / (most - least) : 0));
            }
        }
    }

    /** White for silence, and the darker the louder. */
    private static int shade(float loudness) {
        int red = Math.round(255 + loudness * (SOUND.getRed() - 255));
        int green = Math.round(255 + loudness * (SOUND.getGreen() - 255));
        int blue = Math.round(255 + loudness * (SOUND.getBlue() - 255));
        return red << 16 | green << 8 | blue;
    }

    /** At 1, 2 or 5 of a power of ten seconds, so that there are at most {@value #MOST_TICKS} ticks. */
    private void seconds() {
        double all = spectrogram.bands().length * spectrogram.stepSeconds();
        double power = Math.pow(10, Math.floor(Math.log10(all / MOST_TICKS)));
        double pause = power;
        for (int factor : new int[] {2, 5, 10}) {
            pause = all / pause > MOST_TICKS ? factor * power : pause;
        }
        graphics.setColor(Color.BLACK);
        for (int tick = 0; tick * pause <= all; tick++) {
            int x = place(tick * pause / spectrogram.stepSeconds());
            graphics.drawLine(x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 4);
            String text =
                    String.format(Locale.ROOT, pause < 0.1 ? "%.2f s" : pause < 1 ? "%.1f s" : "%.0f s", tick * pause);
            graphics.drawString(text, x - graphics.getFontMetrics().stringWidth(text) / 2, HEIGHT - BOTTOM + 4 + LINE);
        }
    }

    /** A word that would stand on the one before is left out, but for its line. */
    private void words() {
        graphics.setColor(WORD);
        int free = 0;
        for (Spectrogram.Mark mark : spectrogram.marks()) {
            int x = place(mark.step());
            graphics.drawLine(x, TOP, x, HEIGHT - BOTTOM);
            if (x >= free) {
                graphics.drawString(mark.word(), x, TOP - 6);
                free = x + graphics.getFontMetrics().stringWidth(mark.word() + " ");
            }
        }
    }
}
