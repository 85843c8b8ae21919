package org.gatefold.cli;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import org.gatefold.recipe.field.AttentionMap;

/** Draws what was looked at: a row for each token that was written, a column for each that was read, the darker the more. Stateless. */
final class AttentionPicture {
    private static final int CELL = 28;
    private static final int MARGIN = 8;
    private static final int LEAST = 16;

    private AttentionPicture() {}

    static BufferedImage draw(AttentionMap map) {
        Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 15);
        FontMetrics metrics = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB)
                .createGraphics()
                .getFontMetrics(font);
        int left = widest(metrics, map.target()) + 2 * MARGIN;
        int top = widest(metrics, map.source()) + 2 * MARGIN;
        BufferedImage image = new BufferedImage(
                left + CELL * map.source().size() + MARGIN,
                top + CELL * map.target().size() + MARGIN,
                BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setFont(font);
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        for (int t = 0; t < map.target().size(); t++) {
            for (int s = 0; s < map.source().size(); s++) {
                float light = 1 - Math.max(0, Math.min(1, map.weights()[t][s]));
                graphics.setColor(new Color(light, light, 0.2f + 0.8f * light));
                graphics.fillRect(left + CELL * s, top + CELL * t, CELL - 1, CELL - 1);
            }
        }
        graphics.setColor(Color.BLACK);
        int down = (CELL + metrics.getAscent() - metrics.getDescent()) / 2;
        for (int t = 0; t < map.target().size(); t++) {
            String word = word(map.target().get(t));
            graphics.drawString(word, left - MARGIN - metrics.stringWidth(word), top + CELL * t + down);
        }
        graphics.rotate(-Math.PI / 2);
        for (int s = 0; s < map.source().size(); s++) {
            graphics.drawString(word(map.source().get(s)), MARGIN - top, left + CELL * s + down);
        }
        graphics.dispose();
        return image;
    }

    private static int widest(FontMetrics metrics, List<String> words) {
        return words.stream().mapToInt(word -> metrics.stringWidth(word(word))).reduce(LEAST, Math::max);
    }

    /** A token as it is shown: blanks are visible where there is nothing else. */
    private static String word(String token) {
        return token.isBlank() ? "\u2423" : token.strip();
    }
}
