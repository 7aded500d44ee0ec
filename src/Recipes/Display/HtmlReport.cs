using System.Text;

namespace Recipes.Display;

/// <summary>
/// A report: one HTML file that opens anywhere and loads nothing. An immutable value; <see cref="Facts"/> and
/// <see cref="Section"/> return a longer one.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed class HtmlReport : IDisplay
{
    // The browser itself refuses whatever is not in the file.
    private const string Policy = "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

    private readonly string _title;
    private readonly string _subtitle;
    private readonly (string Label, string Text)[] _facts;
    private readonly (string Heading, Block[] Blocks)[] _sections;

    /// <summary>An empty report.</summary>
    /// <param name="title">The paper's or the comparison's name.</param>
    /// <param name="subtitle">One sentence; may be empty.</param>
    public HtmlReport(string title, string subtitle = "")
        : this(title, subtitle, [], []) { }

    private HtmlReport(string title, string subtitle, (string Label, string Text)[] facts, (string Heading, Block[] Blocks)[] sections) =>
        (_title, _subtitle, _facts, _sections) = (title, subtitle, facts, sections);

    /// <summary>With one more fact below the title: text, a number, or a time span.</summary>
    public HtmlReport Fact(string label, object value) => Facts([(label, Numbers.Text(value, ""))]);

    /// <summary>With more facts, such as those of the machine.</summary>
    public HtmlReport Facts(IEnumerable<(string Label, string Text)> facts) => new(_title, _subtitle, [.. _facts, .. facts], _sections);

    /// <summary>With one more section.</summary>
    public HtmlReport Section(string heading, params IDisplay[] blocks) =>
        new(_title, _subtitle, _facts, [.. _sections, (heading, [.. blocks.Select(Blocks.Of)])]);

    /// <summary>Writes the report's file, whole or not at all.</summary>
    /// <exception cref="RecipesException">The place cannot be written.</exception>
    public void Write(string path) => AtomicFile.WriteText(path, ToPage());

    /// <summary>The report's contents as a fragment, for a notebook cell.</summary>
    public string ToHtml()
    {
        var html = new StringBuilder($"<div class=\"recipes\"><style>{Assets.CellCss}</style>");
        Head(html);
        Sections(html);
        return html.Append("</div>").ToString();
    }

    /// <summary>The whole page, charts interactive.</summary>
    public string ToPage()
    {
        var html = new StringBuilder();
        html.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.Append($"<meta http-equiv=\"Content-Security-Policy\" content=\"{Policy}\">\n");
        html.Append(
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
        );
        html.Append("<link rel=\"icon\" href=\"data:,\">\n");
        html.Append(
            $"<title>{Escape.Html(_title)}</title>\n<style>\n{Assets.BlocksCss}\n{Assets.ReportCss}</style>\n</head>\n<body class=\"recipes\">\n"
        );
        Head(html);
        Contents(html);
        html.Append("<main>\n");
        Sections(html);
        html.Append("</main>\n");
        if (InteractiveCharts.HasChart(html.ToString()))
            html.Append(new InteractiveCharts().Body()).Append('\n');
        return html.Append("</body>\n</html>\n").ToString();
    }

    /// <summary>The report as markdown, charts as tables.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder($"# {Escape.Markdown(_title)}\n\n");
        if (_subtitle.Length > 0)
            text.Append(Escape.Markdown(_subtitle)).Append("\n\n");
        foreach (var (label, fact) in _facts)
            text.Append($"- {Escape.Markdown(label)}: {Escape.Markdown(fact)}\n");
        foreach (var (heading, blocks) in _sections)
            text.Append($"\n## {Escape.Markdown(heading)}\n\n").AppendJoin('\n', blocks.Select(b => b.ToMarkdown()));
        return text.ToString();
    }

    /// <summary>The report as plain text.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"{_title}\n{(_subtitle.Length > 0 ? _subtitle + "\n" : "")}");
        foreach (var (label, fact) in _facts)
            text.Append($"  {label}: {fact}\n");
        foreach (var (heading, blocks) in _sections)
            text.Append($"\n{heading.ToUpperInvariant()}\n\n").AppendJoin('\n', blocks.Select(b => b.ToString()));
        return text.ToString();
    }

    private void Head(StringBuilder html)
    {
        html.Append($"<header>\n<h1>{Escape.Html(_title)}</h1>\n");
        if (_subtitle.Length > 0)
            html.Append($"<p class=\"subtitle\">{Escape.Html(_subtitle)}</p>\n");
        if (_facts.Length > 0)
        {
            var facts = _facts.Select(f => $"<div><dt>{Escape.Html(f.Label)}</dt><dd>{Escape.Html(f.Text)}</dd></div>");
            html.Append("<dl class=\"facts\">").AppendJoin("", facts).Append("</dl>\n");
        }
        html.Append("</header>\n");
    }

    private void Sections(StringBuilder html)
    {
        for (var i = 0; i < _sections.Length; i++)
        {
            var (heading, blocks) = _sections[i];
            html.Append($"<section aria-label=\"{Escape.Html(heading)}\">\n<h2 id=\"s{i + 1}\">{Escape.Html(heading)}</h2>\n");
            html.AppendJoin('\n', blocks.Select(b => b.Body())).Append("\n</section>\n");
        }
    }

    // Short reports need no table of contents.
    private void Contents(StringBuilder html)
    {
        if (_sections.Length < 4)
            return;
        var links = _sections.Select((s, i) => $"<li><a href=\"#s{i + 1}\">{Escape.Html(s.Heading)}</a></li>");
        html.Append("<nav aria-label=\"Contents\"><ol>").AppendJoin("", links).Append("</ol></nav>\n");
    }
}
