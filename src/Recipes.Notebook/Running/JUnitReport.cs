using System.Text;
using System.Xml;
using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Running;

/// <summary>Runs as the XML that CI systems read as test results: a suite for each notebook, a case for each code cell.</summary>
public static class JUnitReport
{
    // Printed text of a case; CI systems refuse huge files.
    private const int MostText = 100_000;

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <exception cref="RecipesException">The place cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<NotebookRun> runs) =>
        AtomicFile.Write(
            path,
            stream =>
            {
                using var xml = XmlWriter.Create(stream, new() { Indent = true, Encoding = new UTF8Encoding(false) });
                xml.WriteStartElement("testsuites");
                Counts(xml, [.. runs.SelectMany(r => r.Cells)], runs.Sum(r => r.Seconds));
                foreach (var run in runs)
                    Suite(xml, run);
                xml.WriteEndElement();
            }
        );

    private static void Suite(XmlWriter xml, NotebookRun run)
    {
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", Clean(run.File));
        xml.WriteAttributeString("timestamp", run.Started.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss"));
        Counts(xml, run.Cells, run.Seconds);
        if (run.Parameters.Count > 0)
        {
            xml.WriteStartElement("properties");
            foreach (var (name, value) in run.Parameters)
            {
                xml.WriteStartElement("property");
                xml.WriteAttributeString("name", name);
                xml.WriteAttributeString("value", Clean(value));
                xml.WriteEndElement();
            }
            xml.WriteEndElement();
        }
        foreach (var cell in run.Cells)
            Case(xml, run, cell);
        xml.WriteEndElement();
    }

    private static void Case(XmlWriter xml, NotebookRun run, CellRun cell)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("name", Clean($"cell {cell.Number}: {cell.Title}"));
        xml.WriteAttributeString("classname", Clean(Path.GetFileNameWithoutExtension(run.File)));
        xml.WriteAttributeString("time", Seconds(cell.Seconds));
        if (cell.Error is { } error)
        {
            xml.WriteStartElement(cell.Status == CellRunStatus.Failed ? "failure" : "error");
            xml.WriteAttributeString("message", Clean(error.Message));
            xml.WriteAttributeString("type", Clean(error.Name));
            xml.WriteString(Clean(string.Join('\n', error.Traceback)));
            xml.WriteEndElement();
        }
        if (cell.Status is CellRunStatus.Skipped or CellRunStatus.NotReached)
        {
            xml.WriteStartElement("skipped");
            xml.WriteAttributeString("message", cell.Status == CellRunStatus.Skipped ? "skip-execution or empty" : "not reached");
            xml.WriteEndElement();
        }
        else
            foreach (var (element, stream) in new[] { ("system-out", "stdout"), ("system-err", "stderr") })
                if (CellText.Printed(cell.Cell.Outputs, stream) is { Length: > 0 } text)
                    xml.WriteElementString(element, Clean(text.Length > MostText ? text[..MostText] + "\n[…]" : text));
        xml.WriteEndElement();
    }

    private static void Counts(XmlWriter xml, IReadOnlyList<CellRun> cells, double seconds)
    {
        xml.WriteAttributeString("tests", $"{cells.Count}");
        xml.WriteAttributeString("failures", $"{cells.Count(c => c.Status == CellRunStatus.Failed)}");
        xml.WriteAttributeString("errors", $"{cells.Count(c => c.Bad && c.Status != CellRunStatus.Failed)}");
        xml.WriteAttributeString("skipped", $"{cells.Count(c => c.Status is CellRunStatus.Skipped or CellRunStatus.NotReached)}");
        xml.WriteAttributeString("time", Seconds(seconds));
    }

    private static string Seconds(double seconds) => seconds.ToString("F3");

    // Control characters and lone surrogates have no place in XML.
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
            if (XmlConvert.IsXmlChar(text[i]))
                clean.Append(text[i]);
            else if (i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]))
                clean.Append(text, i++, 2);
            else
                clean.Append('\ufffd');
        return clean.ToString();
    }
}
