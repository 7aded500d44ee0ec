using System.Globalization;
using Recipes.Display;

namespace Recipes.Verbs;

/// <summary>What a conversion read and wrote.</summary>
/// <param name="Input">The file that was read.</param>
/// <param name="Format">Its format.</param>
/// <param name="Output">The safetensors file that was written.</param>
/// <param name="Tensors">Number of tensors written.</param>
/// <param name="Bytes">Size of the written file.</param>
/// <param name="Dtypes">Tensors of each dtype.</param>
/// <param name="Model">The network that the file was compared with; null for none.</param>
/// <param name="Folded">The evidence of folding; null where nothing was folded.</param>
/// <param name="Notes">The part taken, prefixes taken off, what was left out.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record ConvertEvidence(
    string Input,
    string Format,
    string Output,
    int Tensors,
    long Bytes,
    IReadOnlyDictionary<string, int> Dtypes,
    string? Model,
    ReparameterizeEvidence? Folded,
    IReadOnlyList<string> Notes
) : IDisplay
{
    /// <summary>The ONNX files; null where weights were written.</summary>
    public ExportEvidence? Exported { get; init; }

    /// <summary>Tensors of each dtype, with the files in the caption.</summary>
    public string ToHtml() =>
        Table.From(Dtypes, (Column.Text("Type"), d => d.Key), (Column.Number("Tensors"), d => d.Value)).Caption(Line()).ToHtml();

    /// <summary>One line for the files, and one for each note.</summary>
    public override string ToString() =>
        string.Join(
            '\n',
            [
                Line(),
                .. Notes.Select(n => "  " + n),
                .. new object?[] { Folded, Exported }
                    .OfType<object>()
                    .Select(o => $"{o}"),
            ]
        );

    private string Line()
    {
        var types = string.Join(", ", Dtypes.Select(d => $"{d.Value} {d.Key}"));
        var fits = Model is null ? "" : $"; fits {Model}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Input} ({Format}) -> {Output}: {Tensors} tensors ({types}), {Bytes:N0} bytes{fits}"
        );
    }
}
