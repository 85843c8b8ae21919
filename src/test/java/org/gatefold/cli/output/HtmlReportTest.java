package org.gatefold.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.io.StringReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.gatefold.train.report.EpochReport;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class HtmlReportTest {
    private static final String NASTY = "<script>alert(\"1 & 2\")</script> \u0000 ${body} \ud800 é 🙂";

    private static Document parsed(HtmlReport report) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(report.page())));
    }

    private static List<String> texts(Document page, String element) {
        NodeList nodes = page.getElementsByTagName(element);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            texts.add(nodes.item(i).getTextContent());
        }
        return texts;
    }

    @Test
    void anyTextIsShownAsItIs() throws Exception {
        Document page = parsed(new HtmlReport(NASTY)
                .paragraph("faint", NASTY)
                .heading(NASTY)
                .table(List.of(NASTY, ""), List.of(List.of(NASTY, "1"))));
        String shown = "<script>alert(\"1 & 2\")</script> \ufffd ${body} \ufffd é 🙂";
        for (String element : List.of("title", "h1", "p", "h2")) {
            assertThat(texts(page, element)).as(element).containsExactly(shown);
        }
        assertThat(texts(page, "th")).containsExactly(shown, "");
        assertThat(texts(page, "td")).containsExactly(shown, "1");
        assertThat(texts(page, "script")).isEmpty();
    }

    @Test
    void itNeedsNoOtherFile() throws Exception {
        HtmlReport report = new HtmlReport("page").pictures(Map.of("Loss", new byte[] {1, 2, 3}));
        assertThat(report.page()).doesNotContain("http:", "https:", "url(", "@import");
        Document page = parsed(report);
        assertThat(page.getElementsByTagName("link").getLength()).isZero();
        assertThat(page.getElementsByTagName("img")
                        .item(0)
                        .getAttributes()
                        .getNamedItem("src")
                        .getNodeValue())
                .isEqualTo("data:image/png;base64,AQID");
    }

    @Test
    void theModelIsMarkedAmongBaselines() throws Exception {
        Document page = parsed(new HtmlReport("page")
                .table(List.of("", "f1"), List.of(List.of("model", "0.9"), List.of("majority", "0.1"))));
        NodeList rows = page.getElementsByTagName("tr");
        assertThat(rows.item(1).getAttributes().getNamedItem("class").getNodeValue())
                .isEqualTo("model");
        assertThat(rows.item(2).getAttributes().getLength()).isZero();
    }

    @Test
    void epochsAreToldWithWhatWasMeasured() throws Exception {
        EpochReport first =
                new EpochReport(0, 10, 1.5, 2.5, Map.of("accuracy", 0.25), 0.5f, 1, 0, Duration.ofMillis(1500));
        Document page = parsed(new HtmlReport("page").epochs(List.of(first)));
        assertThat(texts(page, "th"))
                .containsExactly("epoch", "loss", "validation loss", "accuracy", "learning rate", "seconds");
        assertThat(texts(page, "td")).containsExactly("1", "1.500", "2.500", "0.2500", "0.5", "1.500");
        EpochReport alone = new EpochReport(0, 10, 1.5, null, Map.of(), 0.5f, 1, 0, Duration.ZERO);
        assertThat(texts(parsed(new HtmlReport("page").epochs(List.of(alone))), "th"))
                .containsExactly("epoch", "loss", "learning rate", "seconds");
    }

    @Test
    void furtherFiguresAreToldInTables() throws Exception {
        Document page = parsed(new HtmlReport("page")
                .more(JsonParser.parseString(
                                "{\"logLoss\":0.5,\"rows\":12,\"classes\":[{\"class\":\"a\",\"f1\":0.25},{\"class\":\"b\","
                                        + "\"f1\":1.0}],\"confusion\":[[1,0],[0,1]]}")
                        .getAsJsonObject()));
        assertThat(texts(page, "h2")).containsExactly("Classes", "Further figures");
        assertThat(texts(page, "td")).containsExactly("a", "0.2500", "b", "1.000", "log loss", "0.5000", "rows", "12");
    }
}
