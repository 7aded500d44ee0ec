using System.Diagnostics.CodeAnalysis;

namespace Recipes.Display;

// Notebook hosts (.NET Interactive and its heirs, our own engine) look for an attribute of this name on a value's
// type, create the named source, and ask its formatters by name and shape. So no reference to a host is needed.
[AttributeUsage(AttributeTargets.Class)]
internal sealed class TypeFormatterSourceAttribute(Type formatterSourceType) : Attribute
{
    public Type FormatterSourceType { get; } = formatterSourceType;

    [SuppressMessage("Performance", "CA1819:Properties should not return arrays", Justification = "The convention asks for an array.")]
    public string[] PreferredMimeTypes { get; set; } = ["text/html"];
}

internal sealed class BlockFormatterSource
{
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "The convention calls it on an instance.")]
    public IEnumerable<object> CreateTypeFormatters() =>
        [
            new BlockFormatter("text/html", v => (v as Block)?.ToHtml() ?? (v as HtmlReport)?.ToHtml()),
            new BlockFormatter("text/markdown", v => (v as Block)?.ToMarkdown() ?? (v as HtmlReport)?.ToMarkdown()),
            new BlockFormatter("text/plain", v => v is Block or HtmlReport ? v.ToString() : null),
        ];
}

internal sealed class BlockFormatter(string mimeType, Func<object, string?> show)
{
    public string MimeType { get; } = mimeType;

    public bool Format(object instance, TextWriter writer)
    {
        if (show(instance) is not { } text)
            return false;
        writer.Write(text);
        return true;
    }
}
