using System.Buffers.Binary;

namespace Recipes.Display;

/// <summary>Whether what a picture shows is right, such as a prediction.</summary>
public enum Mark
{
    /// <summary>Nothing to judge.</summary>
    None,

    /// <summary>A right prediction.</summary>
    Right,

    /// <summary>A wrong one.</summary>
    Wrong,
}

/// <summary>A PNG picture with a caption, embedded in the page.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed class Picture : Block
{
    private static readonly byte[] _signature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];
    private readonly byte[] _png;
    private readonly Mark _mark;

    /// <summary>A picture from the bytes of a PNG file.</summary>
    /// <param name="png">The whole file.</param>
    /// <param name="caption">One line below it; also what a screen reader says when <paramref name="alt"/> is empty.</param>
    /// <param name="note">A second, quieter line, for example what was predicted.</param>
    /// <param name="mark">Right or wrong; shown as a sign on the picture and in words to screen readers.</param>
    /// <param name="alt">What is to be seen, for readers who do not see it.</param>
    /// <exception cref="RecipesException">The bytes are not a PNG file.</exception>
    public Picture(byte[] png, string caption, string note = "", Mark mark = Mark.None, string alt = "")
    {
        if (png.Length < 24 || !png.AsSpan(0, 8).SequenceEqual(_signature))
            throw new RecipesException(
                $"Picture \"{caption}\": expected a PNG file, found {png.Length} bytes of something else. Encode it as PNG."
            );
        Width = (int)BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(16));
        Height = (int)BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(20));
        (_png, Caption, Note, _mark, Alt) = (png, caption, note, mark, alt.Length > 0 ? alt : caption);
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>The line below the picture.</summary>
    public string Caption { get; }

    /// <summary>The second line.</summary>
    public string Note { get; }

    /// <summary>What is to be seen.</summary>
    public string Alt { get; }

    private string Sign =>
        _mark switch
        {
            Mark.Right => "✓ ",
            Mark.Wrong => "✗ ",
            _ => "",
        };

    /// <inheritdoc/>
    public override string ToString() => $"{Sign}{Caption}{(Note.Length > 0 ? ", " + Note : "")} [{Width}×{Height} pixels]\n";

    /// <inheritdoc/>
    public override string ToMarkdown() => $"![{Sign}{Escape.Markdown(Caption)}]({DataUri})\n";

    /// <inheritdoc/>
    protected internal override string Body()
    {
        var kind = _mark switch
        {
            Mark.Right => "picture right",
            Mark.Wrong => "picture wrong",
            _ => "picture",
        };
        var sign = _mark switch
        {
            Mark.Right => "<span class=\"sign\" role=\"img\" aria-label=\"right\">✓</span>",
            Mark.Wrong => "<span class=\"sign\" role=\"img\" aria-label=\"wrong\">✗</span>",
            _ => "",
        };
        // Small pictures are shown enlarged with their pixels sharp.
        var small = Width <= 96 ? " class=\"pixels\"" : "";
        var note = Note.Length > 0 ? $"<small>{Escape.Html(Note)}</small>" : "";
        return $"<figure class=\"{kind}\"><span class=\"frame\"><img{small} src=\"{DataUri}\" width=\"{Width}\" height=\"{Height}\""
            + $" alt=\"{Escape.Html(Alt)}\">{sign}</span><figcaption>{Escape.Html(Caption)}{note}</figcaption></figure>";
    }

    private string DataUri => "data:image/png;base64," + Convert.ToBase64String(_png);
}

/// <summary>Pictures side by side, as many in a row as fit.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed class PictureGrid(string caption, IEnumerable<Picture> pictures) : Block
{
    // Wider ones are photographs, which show nothing as thumbnails.
    private const int Photo = 384;
    private readonly Picture[] _pictures = [.. pictures];

    /// <inheritdoc/>
    public override string ToString() => $"{caption}\n{string.Concat(_pictures.Select(p => "  " + p))}";

    /// <inheritdoc/>
    public override string ToMarkdown() => $"{string.Concat(_pictures.Select(p => p.ToMarkdown()))}\n*{Escape.Markdown(caption)}*\n";

    /// <inheritdoc/>
    protected internal override string Body() =>
        $"<figure class=\"grid{(_pictures.Any(p => p.Width > Photo) ? " photos" : "")}\"><figcaption>{Escape.Html(caption)}</figcaption><div>{string.Concat(_pictures.Select(p => p.Body()))}</div></figure>";
}
