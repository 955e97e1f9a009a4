SELECT 'passed over';
