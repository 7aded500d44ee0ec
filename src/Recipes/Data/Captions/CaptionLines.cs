using System.Text;
using System.Text.Json;

namespace Recipes.Data;

/// <summary>
/// JSON lines: <c>{"image": PATH, "caption": TEXT}</c> or <c>"captions": [TEXT, …]</c>, a picture a line, or several lines of one picture,
/// which then has all their captions. Paths are relative to the file. Gzipped when it ends in <c>.gz</c>.
/// </summary>
internal static class CaptionLines
{
    public static ICaptionedSet Open(string name, string path, List<SampleProblem> problems)
    {
        var broken = new List<string>();
        var bytes = PackedFile.Read(path, broken);
        RecipesException.ThrowIfAny($"captions {path}: cannot be read.", broken);
        var folder = ArchiveFolder.Open(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var captions = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var order = new List<string>();
        var number = 0;
        ReadOnlyMemory<byte> rest = bytes.AsMemory(bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0);
        while (!rest.IsEmpty)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            number++;
            if (line.Span.Trim(" \t\r"u8).IsEmpty)
                continue;
            var (image, texts, problem) = Read(line, folder);
            if (problem is { } found)
                problems.Add(new SampleProblem(path, $"line {number}", found.Reason, found.Detail));
            else if (captions.TryGetValue(image, out var more))
                more.AddRange(texts);
            else
            {
                captions.Add(image, [.. texts]);
                order.Add(image);
            }
        }
        return new CaptionedFiles(name, folder, [.. order.Select(image => new CaptionedPicture(image, image, captions[image]))]);
    }

    private static (string Image, IReadOnlyList<string> Captions, (string Reason, string Detail)? Problem) Read(
        ReadOnlyMemory<byte> line,
        ArchiveFolder folder
    )
    {
        try
        {
            using var json = JsonDocument.Parse(Valid(line));
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return Bad("no object", $"expected {{\"image\": …, \"caption\": …}}, found {CaptionPart.Kind(root)}");
            if (
                !root.TryGetProperty("image", out var image)
                || image.ValueKind != JsonValueKind.String
                || image.GetString() is not { Length: > 0 } file
            )
                return Bad("no picture", "expected \"image\": a path");
            if (!root.TryGetProperty("captions", out var texts) && !root.TryGetProperty("caption", out texts))
                return Bad("no caption", "expected \"caption\": a text, or \"captions\": a list of texts");
            var captions = CaptionPart.Strings(texts, "captions");
            if (captions.Count == 0)
                return Bad("no caption", "the list is empty");
            return folder.Contains(file) ? (file, captions, null) : Bad("picture is missing", folder.Place(file));
        }
        catch (RecipesException e)
        {
            return Bad("no caption", e.Message);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return Bad("no valid JSON", e.Message);
        }
    }

    // Invalid UTF-8 becomes replacement characters, as in text files.
    private static ReadOnlyMemory<byte> Valid(ReadOnlyMemory<byte> line) =>
        System.Text.Unicode.Utf8.IsValid(line.Span) ? line : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(line.Span));

    private static (string, IReadOnlyList<string>, (string, string)?) Bad(string reason, string detail) => ("", [], (reason, detail));
}
