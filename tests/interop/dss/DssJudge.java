import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.enumerations.SubIndication;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.simplereport.jaxb.XmlTimestamp;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * EU DSS as a judge of seals, started once for many files.
 *
 * Reads lines of three fields with tabs between them: a file of trusted certificates (PEM), a moment (ISO 8601, or empty for now)
 * and a PDF. Writes one line of JSON for each. Nothing comes from the network: the verifier knows no source of certificates, revocation
 * lists or OCSP answers beside the document itself. The policy is the one that DSS brings along, unchanged.
 */
public final class DssJudge {
    private DssJudge() {}

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(answer(line.split("\t", -1)));
        }
    }

    private static String answer(String[] fields) {
        try {
            SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(fields[2]));
            validator.setCertificateVerifier(trusting(Path.of(fields[0])));
            validator.setLocale(Locale.ENGLISH);
            if (!fields[1].isEmpty()) {
                validator.setValidationTime(Date.from(Instant.parse(fields[1])));
            }
            SimpleReport report = validator.validateDocument().getSimpleReport();
            return object("signatures", list(report.getSignatureIdList().stream().map(id -> signature(report, id))));
        } catch (Exception problem) { // a file that is no PDF at all is a judgement too
            return object("problem", text(problem.getClass().getSimpleName() + ": " + problem.getMessage()));
        }
    }

    private static CommonCertificateVerifier trusting(Path pem) throws Exception {
        CommonTrustedCertificateSource anchors = new CommonTrustedCertificateSource();
        try (InputStream in = Files.newInputStream(pem)) {
            Collection<? extends Certificate> found = CertificateFactory.getInstance("X.509").generateCertificates(in);
            found.forEach(certificate -> anchors.addCertificate(new CertificateToken((X509Certificate) certificate)));
        }
        CommonCertificateVerifier verifier = new CommonCertificateVerifier(true);
        verifier.setTrustedCertSources(anchors);
        return verifier;
    }

    private static String signature(SimpleReport report, String id) {
        return object(
                "indication", text(report.getIndication(id)),
                "sub_indication", text(report.getSubIndication(id)),
                "format", text(report.getSignatureFormat(id)),
                "signed_by", text(report.getSignedBy(id)),
                "best_signature_time", moment(report.getBestSignatureTime(id)),
                "errors", messages(report.getAdESValidationErrors(id)),
                "warnings", messages(report.getAdESValidationWarnings(id)),
                "time_stamps", list(report.getSignatureTimestamps(id).stream().map(DssJudge::timeStamp)));
    }

    private static String timeStamp(XmlTimestamp stamp) {
        Indication indication = stamp.getIndication();
        SubIndication reason = stamp.getSubIndication();
        return object(
                "indication", text(indication),
                "sub_indication", text(reason),
                "produced", moment(stamp.getProductionTime()));
    }

    private static String messages(List<Message> messages) {
        return list(messages.stream().map(message -> text(message.getValue())));
    }

    private static String moment(Date date) {
        return date == null ? "null" : text(date.toInstant());
    }

    private static String object(String... namesAndValues) {
        StringBuilder written = new StringBuilder("{");
        for (int place = 0; place < namesAndValues.length; place += 2) {
            written.append(place == 0 ? "" : ",").append(text(namesAndValues[place])).append(':').append(namesAndValues[place + 1]);
        }
        return written.append('}').toString();
    }

    private static String list(Stream<String> values) {
        return values.collect(Collectors.joining(",", "[", "]"));
    }

    private static String text(Object value) {
        if (value == null) {
            return "null";
        }
        StringBuilder written = new StringBuilder("\"");
        for (char letter : value.toString().toCharArray()) {
            boolean plain = letter >= ' ' && letter != '"' && letter != '\\';
            written.append(plain ? String.valueOf(letter) : String.format("\\u%04x", (int) letter));
        }
        return written.append('"').toString();
    }
}
