using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Recipes.Notebook.Running.Parameters;

// The literals that a C# cell binds to names at its top level: var scale = "smoke"; // how large
internal static class CSharpBindings
{
    public static IReadOnlyList<Binding> Of(string code)
    {
        // Magics are no C#; their lines stay, empty, so that nothing moves.
        var plain = string.Join(
            '\n',
            code.Split('\n').Select(line => line.TrimStart().StartsWith("#!", StringComparison.Ordinal) ? "" : line)
        );
        var root = CSharpSyntaxTree.ParseText(plain, new CSharpParseOptions(kind: SourceCodeKind.Script)).GetCompilationUnitRoot();
        return
        [
            .. from field in root.Members.OfType<FieldDeclarationSyntax>()
            from variable in field.Declaration.Variables
            let binding = Bind(field, variable)
            where binding is not null
            select binding,
        ];
    }

    private static Binding? Bind(FieldDeclarationSyntax field, VariableDeclaratorSyntax variable)
    {
        var (literal, value) = Literal(variable.Initializer?.Value);
        var declared = field.Declaration.Type is NullableTypeSyntax nullable ? nullable.ElementType : field.Declaration.Type;
        var type = declared.IsVar ? ParameterType.Of(value) : ParameterType.InCSharp(declared.ToString());
        if (!literal || type is null)
            return null;
        var converted = value is null || type == ParameterType.Of(value) ? value : type.Read(ParameterType.Show(value));
        // A literal that does not fit its type is the compiler's to report.
        return value is not null && converted is null ? null : new Binding(variable.Identifier.ValueText, type, converted, Help(field));
    }

    private static (bool Literal, object? Value) Literal(ExpressionSyntax? expression) =>
        expression switch
        {
            LiteralExpressionSyntax literal when !literal.IsKind(SyntaxKind.DefaultLiteralExpression) => (true, literal.Token.Value),
            PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.UnaryMinusExpression, Operand: LiteralExpressionSyntax literal } =>
                Negative(literal.Token.Value),
            _ => (false, null),
        };

    private static (bool Literal, object? Value) Negative(object? value) =>
        value switch
        {
            int v => (true, -v),
            long v => (true, -v),
            double v => (true, -v),
            float v => (true, -v),
            decimal v => (true, -v),
            _ => (false, null),
        };

    private static string Help(FieldDeclarationSyntax field)
    {
        var beside = field.GetTrailingTrivia().Where(IsComment).Select(Text).ToList();
        if (beside.Count > 0)
            return string.Join(' ', beside);
        // The comment lines right above: an empty line parts them from what is further up.
        var above = new List<string>();
        var ends = 0;
        foreach (var trivia in field.GetLeadingTrivia().Reverse())
        {
            if (IsComment(trivia))
                above.Insert(0, Text(trivia));
            ends =
                trivia.IsKind(SyntaxKind.EndOfLineTrivia) ? ends + 1
                : IsComment(trivia) ? 0
                : ends;
            if (ends > 1)
                break;
        }
        return string.Join(' ', above);
    }

    private static bool IsComment(SyntaxTrivia trivia) =>
        trivia.Kind()
            is SyntaxKind.SingleLineCommentTrivia
                or SyntaxKind.MultiLineCommentTrivia
                or SyntaxKind.SingleLineDocumentationCommentTrivia;

    private static string Text(SyntaxTrivia comment)
    {
        var text = comment.ToString().Trim();
        return text.StartsWith("/*", StringComparison.Ordinal) ? text[2..^2].Trim() : text.TrimStart('/').Trim();
    }
}
