using System.Text;
using System.Text.Json.Nodes;
using Markdig;
using Markdig.Extensions.Mathematics;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Gallery;

/// <summary>The prose of one page: markdown without raw HTML, headings with anchors, pictures inlined, formulas as MathML.</summary>
internal sealed class MarkdownHtml
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables()
        .UseTaskLists()
        .UseAutoLinks()
        .UseEmphasisExtras()
        .UseFootnotes()
        .UseMathematics()
        .DisableHtml()
        .Build();

    private readonly HashSet<string> _anchors = new(StringComparer.Ordinal);

    /// <summary>Where relative pictures are; null leaves them out.</summary>
    public string? Folder { get; init; }

    /// <summary>Rewrites the relative links that are not to anchors; null: there is nothing to link to.</summary>
    public Func<string, string?> Link { get; init; } = link => link;

    /// <summary>The headings so far: level, text, anchor.</summary>
    public List<(int Level, string Text, string Anchor)> Headings { get; } = [];

    /// <summary>One cell's text as HTML.</summary>
    /// <param name="markdown">The text.</param>
    /// <param name="attachments">nbformat's attachments: name, then MIME type, then base64.</param>
    public string ToHtml(string markdown, JsonNode? attachments = null)
    {
        var document = Markdown.Parse(markdown, Pipeline);
        foreach (var heading in document.Descendants<HeadingBlock>())
            Anchor(heading);
        foreach (var link in document.Descendants<LinkInline>())
            Resolve(link, attachments);
        using var writer = new StringWriter();
        var renderer = new HtmlRenderer(writer);
        Pipeline.Setup(renderer);
        renderer.ObjectRenderers.Replace<HtmlMathInlineRenderer>(new MathInlineRenderer());
        renderer.ObjectRenderers.Replace<HtmlMathBlockRenderer>(new MathBlockRenderer());
        renderer.Render(document);
        return writer.ToString();
    }

    /// <summary>The text of inlines without their markup.</summary>
    public static string Text(ContainerInline? inlines)
    {
        var text = new StringBuilder();
        foreach (var inline in inlines?.Descendants() ?? [])
            text.Append(
                inline switch
                {
                    LiteralInline literal => literal.Content.ToString(),
                    CodeInline code => code.Content,
                    MathInline math => math.Content.ToString(),
                    HtmlEntityInline entity => entity.Transcoded.ToString(),
                    LineBreakInline => " ",
                    _ => "",
                }
            );
        return text.ToString();
    }

    /// <summary>The blocks of a text, for those who look for one.</summary>
    public static MarkdownDocument Parse(string markdown) => Markdown.Parse(markdown, Pipeline);

    private void Anchor(HeadingBlock heading)
    {
        var text = Text(heading.Inline);
        var slug = Slug(text);
        var anchor = slug;
        for (var n = 2; !_anchors.Add(anchor); n++)
            anchor = $"{slug}-{n}";
        heading.GetAttributes().Id = anchor;
        Headings.Add((heading.Level, text, anchor));
    }

    // The anchors of Jupyter and of GitHub differ in case and signs only.
    private static string Slug(string text)
    {
        var slug = new StringBuilder();
        foreach (var c in text.ToLowerInvariant())
            if (char.IsLetterOrDigit(c) || c is '-' or '_')
                slug.Append(c);
            else if (char.IsWhiteSpace(c))
                slug.Append('-');
        return slug.Length == 0 ? "section" : slug.ToString().Trim('-');
    }

    private void Resolve(LinkInline link, JsonNode? attachments)
    {
        var url = link.Url ?? "";
        if (link.IsImage)
            link.Url = Picture(url, attachments);
        else if (url.StartsWith('#'))
            link.Url = "#" + Slug(Uri.UnescapeDataString(url[1..]));
        else if (Uri.TryCreate(url, UriKind.Absolute, out var absolute) && !absolute.IsFile)
            link.Url = absolute.Scheme is "http" or "https" or "mailto" ? url : null;
        else
            link.Url = Link(url);
        // Markdig writes an anchor without an address as a link to this page.
        if (link.Url is null)
            link.ReplaceBy(new EmphasisInline { DelimiterChar = '*', DelimiterCount = 1 }, copyChildren: true);
    }

    private string? Picture(string url, JsonNode? attachments)
    {
        if (url.StartsWith("data:image/", StringComparison.OrdinalIgnoreCase))
            return url;
        if (url.StartsWith("attachment:", StringComparison.Ordinal))
        {
            var name = Uri.UnescapeDataString(url["attachment:".Length..]);
            var (type, data) = attachments.At(name) is JsonObject forms ? forms.FirstOrDefault() : default;
            return Multiline.Read(data) is { } text ? OutputHtml.DataUri(type, text) : null;
        }
        return Folder is null || url.Contains(':', StringComparison.Ordinal) ? null : Pictures.Inline(Folder, Uri.UnescapeDataString(url));
    }

    private sealed class MathInlineRenderer : HtmlObjectRenderer<MathInline>
    {
        protected override void Write(HtmlRenderer renderer, MathInline obj) =>
            renderer.Write(MathHtml.ToHtml(obj.Content.ToString(), isBlock: obj.DelimiterCount > 1));
    }

    private sealed class MathBlockRenderer : HtmlObjectRenderer<MathBlock>
    {
        protected override void Write(HtmlRenderer renderer, MathBlock obj) =>
            renderer.Write($"<div class=\"formula\">{MathHtml.ToHtml(obj.Lines.ToString(), isBlock: true)}</div>\n");
    }
}
