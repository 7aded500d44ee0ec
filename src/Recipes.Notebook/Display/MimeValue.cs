namespace Recipes.Notebook.Display;

/// <summary>A text that is meant as what its MIME type says.</summary>
public abstract class MimeValue
{
    private protected MimeValue(string mimeType, string content) => (MimeType, Content) = (mimeType, content);

    /// <summary>For example <c>text/html</c>.</summary>
    public string MimeType { get; }

    /// <summary>The text; of pictures base64.</summary>
    public string Content { get; }

    /// <summary>What a front end shows that does not know the type.</summary>
    public override string ToString() => Content;
}

/// <summary>HTML, shown as it is.</summary>
public sealed class Html(string content) : MimeValue("text/html", content);

/// <summary>Markdown.</summary>
public sealed class Markdown(string content) : MimeValue("text/markdown", content);

/// <summary>LaTeX, for example <c>$\frac{1}{2}$</c>.</summary>
public sealed class Latex(string content) : MimeValue("text/latex", content);

/// <summary>An SVG drawing.</summary>
public sealed class Svg(string content) : MimeValue("image/svg+xml", content);

/// <summary>A picture from the bytes of its file: PNG, JPEG, GIF or WebP.</summary>
/// <exception cref="RecipesException">The bytes begin like none of these.</exception>
public sealed class Image(byte[] file) : MimeValue(TypeOf(file), Convert.ToBase64String(file))
{
    private readonly int _length = file.Length;

    /// <summary>A picture from a file.</summary>
    /// <exception cref="RecipesException">The file cannot be read or is no picture.</exception>
    public static Image FromFile(string path)
    {
        try
        {
            return new Image(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecipesException($"{path}: expected a picture, cannot read it ({e.Message.TrimEnd('.')}).", e);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{MimeType}, {_length:#,0} bytes";

    private static string TypeOf(byte[] file) =>
        file switch
        {
            [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "image/png",
            [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
            [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => "image/gif",
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => "image/webp",
            _ => throw new RecipesException(
                $"Image: expected the bytes of a PNG, JPEG, GIF or WebP file, found {file.Length} bytes of something else."
            ),
        };
}
